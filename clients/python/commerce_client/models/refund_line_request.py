from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="RefundLineRequest")


@_attrs_define
class RefundLineRequest:
    """Pieces of one line of the order.

    Attributes:
        line (int): The line's place in the order's `lines`: 1 is the first.
        quantity (int): How many pieces.
    """

    line: int
    quantity: int

    def to_dict(self) -> dict[str, Any]:
        line = self.line

        quantity = self.quantity

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "line": line,
                "quantity": quantity,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        line = d.pop("line")

        quantity = d.pop("quantity")

        refund_line_request = cls(
            line=line,
            quantity=quantity,
        )

        return refund_line_request
