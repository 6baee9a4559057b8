from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.refund_status import RefundStatus

if TYPE_CHECKING:
    from ..models.money import Money
    from ..models.refund_line import RefundLine


T = TypeVar("T", bound="SettledRefund")


@_attrs_define
class SettledRefund:
    """A refund that has its outcome: it was made, or it failed.

    Attributes:
        amount (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        failure (None | str): Why it failed: a code of the payment provider, `given_back_before` (the order was undone
            meanwhile), `skipped` (a
            person ended it) or `answer_differed` (it gave back something else; a person looks into it); null otherwise.
        left (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        lines (list[RefundLine]): For which pieces; empty where it was asked for by amount.
        order_id (UUID): The order.
        reason (None | str): Why it was asked for; null for customers, and where the key it was encrypted with is
            missing.
        refund_id (UUID): The refund; the payment provider knows it by this id, too.
        requested_at (datetime.datetime): When it was asked for.
        requested_by (None | str): Who asked for it; null for customers.
        settled_at (datetime.datetime | None): When it was refunded, or failed; null before.
        status (RefundStatus): What became of a refund.
    """

    amount: Money
    failure: None | str
    left: Money
    lines: list[RefundLine]
    order_id: UUID
    reason: None | str
    refund_id: UUID
    requested_at: datetime.datetime
    requested_by: None | str
    settled_at: datetime.datetime | None
    status: RefundStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount.to_dict()

        failure: None | str
        failure = self.failure

        left = self.left.to_dict()

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        order_id = str(self.order_id)

        reason: None | str
        reason = self.reason

        refund_id = str(self.refund_id)

        requested_at = self.requested_at.isoformat()

        requested_by: None | str
        requested_by = self.requested_by

        settled_at: None | str
        if isinstance(self.settled_at, datetime.datetime):
            settled_at = self.settled_at.isoformat()
        else:
            settled_at = self.settled_at

        status = self.status.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "failure": failure,
                "left": left,
                "lines": lines,
                "order_id": order_id,
                "reason": reason,
                "refund_id": refund_id,
                "requested_at": requested_at,
                "requested_by": requested_by,
                "settled_at": settled_at,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415
        from ..models.refund_line import RefundLine  # noqa: PLC0415

        d = dict(src_dict)
        amount = Money.from_dict(d.pop("amount"))

        def _parse_failure(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        failure = _parse_failure(d.pop("failure"))

        left = Money.from_dict(d.pop("left"))

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = RefundLine.from_dict(lines_item_data)

            lines.append(lines_item)

        order_id = UUID(d.pop("order_id"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        refund_id = UUID(d.pop("refund_id"))

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        def _parse_requested_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        requested_by = _parse_requested_by(d.pop("requested_by"))

        def _parse_settled_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                settled_at_type_0 = datetime.datetime.fromisoformat(data)

                return settled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        settled_at = _parse_settled_at(d.pop("settled_at"))

        status = RefundStatus(d.pop("status"))

        settled_refund = cls(
            amount=amount,
            failure=failure,
            left=left,
            lines=lines,
            order_id=order_id,
            reason=reason,
            refund_id=refund_id,
            requested_at=requested_at,
            requested_by=requested_by,
            settled_at=settled_at,
            status=status,
        )

        settled_refund.additional_properties = d
        return settled_refund

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
