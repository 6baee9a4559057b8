from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.order_personal_data import OrderPersonalData
from ..models.order_status import OrderStatus

if TYPE_CHECKING:
    from ..models.address import Address
    from ..models.customer_action import CustomerAction
    from ..models.money import Money
    from ..models.order_dispute import OrderDispute
    from ..models.order_line import OrderLine


T = TypeVar("T", bound="Order")


@_attrs_define
class Order:
    """An order; where `personal_data` is not `readable`, what is personal is null.

    `reason` says why the order was rejected, `cancellation_refused` why the last request to cancel it was.

        Attributes:
            cancellation_refused (None | str): Why the last request to cancel the order was rejected, such as `dispatched`
                (it came too late); null if there
                was none, or it is not decided yet.
            currency (str): ISO 4217 code, such as EUR.
            customer_id (None | UUID): Whose order it is; null for a guest's.
            disputes (list[OrderDispute]): What the customer has the bank take back; the order goes on as if it were not.
            email (None | str): Where mails about the order go; null where none was given.
            estimated_delivery (datetime.date | None): The day the carrier promises; null until it took the shipment on.
            lines (list[OrderLine]): What is ordered.
            number (str): Its number, for people: short, and made so that it can be read out and a slip shows. No other
                order has it.
            order_id (UUID): The order.
            payment_action (CustomerAction | None): What the customer has to do now so that the order is paid, such as to
                confirm it at their bank; null where
                nothing, and where the order is shown as it was.
            payment_method (str): The payment provider's name for what is paid with, such as `pm_card_ok`; one that it does
                not know is
                rejected, if the provider lists those it knows.
            personal_data (OrderPersonalData): Whether what is personal can be shown: `readable`; `erased`, where it is null
                for good; or `key_missing`, where
                it is null until the operator has restored the key from a backup. More may come, so take any other word for `not
                readable`.
            phone (None | str): A telephone number for the carrier; null where none was given.
            placed_at (datetime.datetime): When the order was placed.
            reason (None | str): Why the order was rejected, null otherwise: `out_of_stock`, `payment_declined`,
                `payment_unavailable` (nobody
                knows whether the provider did it; undone), `shipping_unavailable`, `timed_out` or `given_up` (by the shop).
            reference (None | str): The shop's own, such as an invoice number; null where none was given. No other order of
                its channel has it.
            shipping_address (Address | None): Where the shipment goes; null where `personal_data` is not `readable`.
            status (OrderStatus): Where an order stands, as clients see it.
            total (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
            tracking_number (None | str): The carrier's number of the shipment; null until it took the shipment on.
            updated_at (datetime.datetime): When the newest event about it was recorded.
            version (int): How many events its stream has; the `ETag` in `If-Match`.
    """

    cancellation_refused: None | str
    currency: str
    customer_id: None | UUID
    disputes: list[OrderDispute]
    email: None | str
    estimated_delivery: datetime.date | None
    lines: list[OrderLine]
    number: str
    order_id: UUID
    payment_action: CustomerAction | None
    payment_method: str
    personal_data: OrderPersonalData
    phone: None | str
    placed_at: datetime.datetime
    reason: None | str
    reference: None | str
    shipping_address: Address | None
    status: OrderStatus
    total: Money
    tracking_number: None | str
    updated_at: datetime.datetime
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.address import Address  # noqa: PLC0415
        from ..models.customer_action import CustomerAction  # noqa: PLC0415

        cancellation_refused: None | str
        cancellation_refused = self.cancellation_refused

        currency = self.currency

        customer_id: None | str
        if isinstance(self.customer_id, UUID):
            customer_id = str(self.customer_id)
        else:
            customer_id = self.customer_id

        disputes = []
        for disputes_item_data in self.disputes:
            disputes_item = disputes_item_data.to_dict()
            disputes.append(disputes_item)

        email: None | str
        email = self.email

        estimated_delivery: None | str
        if isinstance(self.estimated_delivery, datetime.date):
            estimated_delivery = self.estimated_delivery.isoformat()
        else:
            estimated_delivery = self.estimated_delivery

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        number = self.number

        order_id = str(self.order_id)

        payment_action: dict[str, Any] | None
        if isinstance(self.payment_action, CustomerAction):
            payment_action = self.payment_action.to_dict()
        else:
            payment_action = self.payment_action

        payment_method = self.payment_method

        personal_data = self.personal_data.value

        phone: None | str
        phone = self.phone

        placed_at = self.placed_at.isoformat()

        reason: None | str
        reason = self.reason

        reference: None | str
        reference = self.reference

        shipping_address: dict[str, Any] | None
        if isinstance(self.shipping_address, Address):
            shipping_address = self.shipping_address.to_dict()
        else:
            shipping_address = self.shipping_address

        status = self.status.value

        total = self.total.to_dict()

        tracking_number: None | str
        tracking_number = self.tracking_number

        updated_at = self.updated_at.isoformat()

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cancellation_refused": cancellation_refused,
                "currency": currency,
                "customer_id": customer_id,
                "disputes": disputes,
                "email": email,
                "estimated_delivery": estimated_delivery,
                "lines": lines,
                "number": number,
                "order_id": order_id,
                "payment_action": payment_action,
                "payment_method": payment_method,
                "personal_data": personal_data,
                "phone": phone,
                "placed_at": placed_at,
                "reason": reason,
                "reference": reference,
                "shipping_address": shipping_address,
                "status": status,
                "total": total,
                "tracking_number": tracking_number,
                "updated_at": updated_at,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.address import Address  # noqa: PLC0415
        from ..models.customer_action import CustomerAction  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415
        from ..models.order_dispute import OrderDispute  # noqa: PLC0415
        from ..models.order_line import OrderLine  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_cancellation_refused(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        cancellation_refused = _parse_cancellation_refused(d.pop("cancellation_refused"))

        currency = d.pop("currency")

        def _parse_customer_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                customer_id_type_0 = UUID(data)

                return customer_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        customer_id = _parse_customer_id(d.pop("customer_id"))

        disputes = []
        _disputes = d.pop("disputes")
        for disputes_item_data in _disputes:
            disputes_item = OrderDispute.from_dict(disputes_item_data)

            disputes.append(disputes_item)

        def _parse_email(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        email = _parse_email(d.pop("email"))

        def _parse_estimated_delivery(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                estimated_delivery_type_0 = datetime.date.fromisoformat(data)

                return estimated_delivery_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        estimated_delivery = _parse_estimated_delivery(d.pop("estimated_delivery"))

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = OrderLine.from_dict(lines_item_data)

            lines.append(lines_item)

        number = d.pop("number")

        order_id = UUID(d.pop("order_id"))

        def _parse_payment_action(data: object) -> CustomerAction | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                payment_action_type_0 = CustomerAction.from_dict(data)

                return payment_action_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CustomerAction | None, data)

        payment_action = _parse_payment_action(d.pop("payment_action"))

        payment_method = d.pop("payment_method")

        personal_data = OrderPersonalData(d.pop("personal_data"))

        def _parse_phone(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        phone = _parse_phone(d.pop("phone"))

        placed_at = datetime.datetime.fromisoformat(d.pop("placed_at"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_reference(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reference = _parse_reference(d.pop("reference"))

        def _parse_shipping_address(data: object) -> Address | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                shipping_address_type_0 = Address.from_dict(data)

                return shipping_address_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Address | None, data)

        shipping_address = _parse_shipping_address(d.pop("shipping_address"))

        status = OrderStatus(d.pop("status"))

        total = Money.from_dict(d.pop("total"))

        def _parse_tracking_number(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tracking_number = _parse_tracking_number(d.pop("tracking_number"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        version = d.pop("version")

        order = cls(
            cancellation_refused=cancellation_refused,
            currency=currency,
            customer_id=customer_id,
            disputes=disputes,
            email=email,
            estimated_delivery=estimated_delivery,
            lines=lines,
            number=number,
            order_id=order_id,
            payment_action=payment_action,
            payment_method=payment_method,
            personal_data=personal_data,
            phone=phone,
            placed_at=placed_at,
            reason=reason,
            reference=reference,
            shipping_address=shipping_address,
            status=status,
            total=total,
            tracking_number=tracking_number,
            updated_at=updated_at,
            version=version,
        )

        order.additional_properties = d
        return order

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
