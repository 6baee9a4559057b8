from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="AdjustStock")


@_attrs_define
class AdjustStock:
    """A correction of the count; a negative quantity lowers it.

    Attributes:
        quantity (int): How many pieces more than counted before, or fewer if negative; not 0.
        reason (str): Why it is done.
    """

    quantity: int
    reason: str

    def to_dict(self) -> dict[str, Any]:
        quantity = self.quantity

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "quantity": quantity,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        quantity = d.pop("quantity")

        reason = d.pop("reason")

        adjust_stock = cls(
            quantity=quantity,
            reason=reason,
        )

        return adjust_stock
