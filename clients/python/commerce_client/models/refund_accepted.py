from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.refund_status import RefundStatus

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="RefundAccepted")


@_attrs_define
class RefundAccepted:
    """A refund was accepted; the money is given back afterwards.

    Attributes:
        amount (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        order_id (UUID): The order.
        position (int): The place in the log.
        refund_id (UUID): The refund; the payment provider knows it by this id, too.
        status (RefundStatus): What became of a refund.
    """

    amount: Money
    order_id: UUID
    position: int
    refund_id: UUID
    status: RefundStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount.to_dict()

        order_id = str(self.order_id)

        position = self.position

        refund_id = str(self.refund_id)

        status = self.status.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "order_id": order_id,
                "position": position,
                "refund_id": refund_id,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        amount = Money.from_dict(d.pop("amount"))

        order_id = UUID(d.pop("order_id"))

        position = d.pop("position")

        refund_id = UUID(d.pop("refund_id"))

        status = RefundStatus(d.pop("status"))

        refund_accepted = cls(
            amount=amount,
            order_id=order_id,
            position=position,
            refund_id=refund_id,
            status=status,
        )

        refund_accepted.additional_properties = d
        return refund_accepted

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
