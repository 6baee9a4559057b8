from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.address import Address
    from ..models.order_line_request import OrderLineRequest


T = TypeVar("T", bound="PlaceOrder")


@_attrs_define
class PlaceOrder:
    """An order; without a customer it is a guest's. Several lines may have the same SKU.

    `reference` is the shop's own, such as an invoice number: within its channel no other order can have it. All
    operators are one channel, each service is one, and so is each customer.

        Attributes:
            currency (str): ISO 4217 code, such as EUR.
            lines (list[OrderLineRequest]): What is ordered.
            payment_method (str): The payment provider's name for what is paid with, such as `pm_card_ok`; one that it does
                not know is
                rejected, if the provider lists those it knows.
            shipping_address (Address): Where a shipment goes.
            customer_id (None | Unset | UUID): Whose order it is; customers may leave it out, a guest's order has none.
            email (None | str | Unset): Where mails about the order go; null where none was given.
            phone (None | str | Unset): A telephone number for the carrier; null where none was given.
            reference (None | str | Unset): The shop's own, such as an invoice number; null where none was given. No other
                order of its channel has it.
    """

    currency: str
    lines: list[OrderLineRequest]
    payment_method: str
    shipping_address: Address
    customer_id: None | Unset | UUID = UNSET
    email: None | str | Unset = UNSET
    phone: None | str | Unset = UNSET
    reference: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        currency = self.currency

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        payment_method = self.payment_method

        shipping_address = self.shipping_address.to_dict()

        customer_id: None | str | Unset
        if isinstance(self.customer_id, Unset):
            customer_id = UNSET
        elif isinstance(self.customer_id, UUID):
            customer_id = str(self.customer_id)
        else:
            customer_id = self.customer_id

        email: None | str | Unset
        if isinstance(self.email, Unset):
            email = UNSET
        else:
            email = self.email

        phone: None | str | Unset
        if isinstance(self.phone, Unset):
            phone = UNSET
        else:
            phone = self.phone

        reference: None | str | Unset
        if isinstance(self.reference, Unset):
            reference = UNSET
        else:
            reference = self.reference

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "currency": currency,
                "lines": lines,
                "payment_method": payment_method,
                "shipping_address": shipping_address,
            }
        )
        if customer_id is not UNSET:
            field_dict["customer_id"] = customer_id
        if email is not UNSET:
            field_dict["email"] = email
        if phone is not UNSET:
            field_dict["phone"] = phone
        if reference is not UNSET:
            field_dict["reference"] = reference

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.address import Address  # noqa: PLC0415
        from ..models.order_line_request import OrderLineRequest  # noqa: PLC0415

        d = dict(src_dict)
        currency = d.pop("currency")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = OrderLineRequest.from_dict(lines_item_data)

            lines.append(lines_item)

        payment_method = d.pop("payment_method")

        shipping_address = Address.from_dict(d.pop("shipping_address"))

        def _parse_customer_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                customer_id_type_0 = UUID(data)

                return customer_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        customer_id = _parse_customer_id(d.pop("customer_id", UNSET))

        def _parse_email(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        email = _parse_email(d.pop("email", UNSET))

        def _parse_phone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        phone = _parse_phone(d.pop("phone", UNSET))

        def _parse_reference(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reference = _parse_reference(d.pop("reference", UNSET))

        place_order = cls(
            currency=currency,
            lines=lines,
            payment_method=payment_method,
            shipping_address=shipping_address,
            customer_id=customer_id,
            email=email,
            phone=phone,
            reference=reference,
        )

        return place_order
