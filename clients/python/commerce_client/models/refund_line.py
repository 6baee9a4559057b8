from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="RefundLine")


@_attrs_define
class RefundLine:
    """Pieces of one line of the order, and what was paid for them.

    Attributes:
        amount (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        line (int): The line's place in the order's `lines`: 1 is the first.
        quantity (int): How many pieces.
        sku (str): As the catalogue knows it; case-sensitive.
    """

    amount: Money
    line: int
    quantity: int
    sku: str

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount.to_dict()

        line = self.line

        quantity = self.quantity

        sku = self.sku

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "amount": amount,
                "line": line,
                "quantity": quantity,
                "sku": sku,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        amount = Money.from_dict(d.pop("amount"))

        line = d.pop("line")

        quantity = d.pop("quantity")

        sku = d.pop("sku")

        refund_line = cls(
            amount=amount,
            line=line,
            quantity=quantity,
            sku=sku,
        )

        return refund_line
