from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.price import Price
    from ..models.refund_line_request import RefundLineRequest


T = TypeVar("T", bound="RefundRequest")


@_attrs_define
class RefundRequest:
    """Money to give back: an `amount`, or the prices that the order's `lines` were bought at; one of the two.

    Attributes:
        reason (str): Why, in the sender's own words; stored encrypted, like an address.
        amount (None | Price | Unset): How much, in the currency of the order.
        lines (list[RefundLineRequest] | None | Unset): For which pieces; each line once.
    """

    reason: str
    amount: None | Price | Unset = UNSET
    lines: list[RefundLineRequest] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.price import Price  # noqa: PLC0415

        reason = self.reason

        amount: dict[str, Any] | None | Unset
        if isinstance(self.amount, Unset):
            amount = UNSET
        elif isinstance(self.amount, Price):
            amount = self.amount.to_dict()
        else:
            amount = self.amount

        lines: list[dict[str, Any]] | None | Unset
        if isinstance(self.lines, Unset):
            lines = UNSET
        elif isinstance(self.lines, list):
            lines = []
            for lines_type_0_item_data in self.lines:
                lines_type_0_item = lines_type_0_item_data.to_dict()
                lines.append(lines_type_0_item)

        else:
            lines = self.lines

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
            }
        )
        if amount is not UNSET:
            field_dict["amount"] = amount
        if lines is not UNSET:
            field_dict["lines"] = lines

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price import Price  # noqa: PLC0415
        from ..models.refund_line_request import RefundLineRequest  # noqa: PLC0415

        d = dict(src_dict)
        reason = d.pop("reason")

        def _parse_amount(data: object) -> None | Price | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                amount_type_0 = Price.from_dict(data)

                return amount_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Price | Unset, data)

        amount = _parse_amount(d.pop("amount", UNSET))

        def _parse_lines(data: object) -> list[RefundLineRequest] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                lines_type_0 = []
                _lines_type_0 = data
                for lines_type_0_item_data in _lines_type_0:
                    lines_type_0_item = RefundLineRequest.from_dict(lines_type_0_item_data)

                    lines_type_0.append(lines_type_0_item)

                return lines_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[RefundLineRequest] | None | Unset, data)

        lines = _parse_lines(d.pop("lines", UNSET))

        refund_request = cls(
            reason=reason,
            amount=amount,
            lines=lines,
        )

        return refund_request
