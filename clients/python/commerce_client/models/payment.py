from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    cast,
)
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.payment_status import PaymentStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.customer_action import CustomerAction
    from ..models.money import Money
    from ..models.requested_refund import RequestedRefund


T = TypeVar("T", bound="Payment")


@_attrs_define
class Payment:
    """The payment of an order; its status is `none` until there is something to pay, and for good where there is
    not.

        Attributes:
            authorized (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
            captured (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
            order_id (UUID): The order.
            refundable (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
            refunded (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
            status (Literal['none'] | PaymentStatus): Where it stands.
            action (CustomerAction | None | Unset): What the customer has to do now; null where nothing.
            refunds (list[RequestedRefund] | Unset): The refunds that somebody asked for, in that order.
    """

    authorized: Money
    captured: Money
    order_id: UUID
    refundable: Money
    refunded: Money
    status: Literal["none"] | PaymentStatus
    action: CustomerAction | None | Unset = UNSET
    refunds: list[RequestedRefund] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.customer_action import CustomerAction  # noqa: PLC0415

        authorized = self.authorized.to_dict()

        captured = self.captured.to_dict()

        order_id = str(self.order_id)

        refundable = self.refundable.to_dict()

        refunded = self.refunded.to_dict()

        status: Literal["none"] | str
        if isinstance(self.status, PaymentStatus):
            status = self.status.value
        else:
            status = self.status

        action: dict[str, Any] | None | Unset
        if isinstance(self.action, Unset):
            action = UNSET
        elif isinstance(self.action, CustomerAction):
            action = self.action.to_dict()
        else:
            action = self.action

        refunds: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.refunds, Unset):
            refunds = []
            for refunds_item_data in self.refunds:
                refunds_item = refunds_item_data.to_dict()
                refunds.append(refunds_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "authorized": authorized,
                "captured": captured,
                "order_id": order_id,
                "refundable": refundable,
                "refunded": refunded,
                "status": status,
            }
        )
        if action is not UNSET:
            field_dict["action"] = action
        if refunds is not UNSET:
            field_dict["refunds"] = refunds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.customer_action import CustomerAction  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415
        from ..models.requested_refund import RequestedRefund  # noqa: PLC0415

        d = dict(src_dict)
        authorized = Money.from_dict(d.pop("authorized"))

        captured = Money.from_dict(d.pop("captured"))

        order_id = UUID(d.pop("order_id"))

        refundable = Money.from_dict(d.pop("refundable"))

        refunded = Money.from_dict(d.pop("refunded"))

        def _parse_status(data: object) -> Literal["none"] | PaymentStatus:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = PaymentStatus(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            status_type_1 = cast(Literal["none"], data)
            if status_type_1 != "none":
                raise ValueError(f"status_type_1 must match const 'none', got '{status_type_1}'")
            return status_type_1

        status = _parse_status(d.pop("status"))

        def _parse_action(data: object) -> CustomerAction | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                action_type_0 = CustomerAction.from_dict(data)

                return action_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CustomerAction | None | Unset, data)

        action = _parse_action(d.pop("action", UNSET))

        _refunds = d.pop("refunds", UNSET)
        refunds: list[RequestedRefund] | Unset = UNSET
        if _refunds is not UNSET:
            refunds = []
            for refunds_item_data in _refunds:
                refunds_item = RequestedRefund.from_dict(refunds_item_data)

                refunds.append(refunds_item)

        payment = cls(
            authorized=authorized,
            captured=captured,
            order_id=order_id,
            refundable=refundable,
            refunded=refunded,
            status=status,
            action=action,
            refunds=refunds,
        )

        payment.additional_properties = d
        return payment

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
