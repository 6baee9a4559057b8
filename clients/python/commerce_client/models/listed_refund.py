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


T = TypeVar("T", bound="ListedRefund")


@_attrs_define
class ListedRefund:
    """A refund in the list of those of all orders.

    Attributes:
        amount (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        attempted_at (datetime.datetime | None): When the payment provider was called for it first; null before.
        failure (None | str): Why it failed: a code of the payment provider, `given_back_before` (the order was undone
            meanwhile), `skipped` (a
            person ended it) or `answer_differed` (it gave back something else; a person looks into it); null otherwise.
        lines (list[RefundLine]): For which pieces; empty where it was asked for by amount.
        number (None | str): What people call the order; null while the list of orders does not show it yet.
        order_id (UUID): The order.
        reason (None | str): Why it was asked for; null where the key it was encrypted with is missing.
        refund_id (UUID): The refund; the payment provider knows it by this id, too.
        requested_at (datetime.datetime): When it was asked for.
        requested_by (str): Who asked for it: role and subject.
        settled_at (datetime.datetime | None): When it was refunded, or failed; null before.
        status (RefundStatus): What became of a refund.
        who (None | str): Their name: the e-mail address of a member of staff, or how they are called otherwise; null
            where they are known
            by an id alone.
    """

    amount: Money
    attempted_at: datetime.datetime | None
    failure: None | str
    lines: list[RefundLine]
    number: None | str
    order_id: UUID
    reason: None | str
    refund_id: UUID
    requested_at: datetime.datetime
    requested_by: str
    settled_at: datetime.datetime | None
    status: RefundStatus
    who: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount.to_dict()

        attempted_at: None | str
        if isinstance(self.attempted_at, datetime.datetime):
            attempted_at = self.attempted_at.isoformat()
        else:
            attempted_at = self.attempted_at

        failure: None | str
        failure = self.failure

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        number: None | str
        number = self.number

        order_id = str(self.order_id)

        reason: None | str
        reason = self.reason

        refund_id = str(self.refund_id)

        requested_at = self.requested_at.isoformat()

        requested_by = self.requested_by

        settled_at: None | str
        if isinstance(self.settled_at, datetime.datetime):
            settled_at = self.settled_at.isoformat()
        else:
            settled_at = self.settled_at

        status = self.status.value

        who: None | str
        who = self.who

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "attempted_at": attempted_at,
                "failure": failure,
                "lines": lines,
                "number": number,
                "order_id": order_id,
                "reason": reason,
                "refund_id": refund_id,
                "requested_at": requested_at,
                "requested_by": requested_by,
                "settled_at": settled_at,
                "status": status,
                "who": who,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415
        from ..models.refund_line import RefundLine  # noqa: PLC0415

        d = dict(src_dict)
        amount = Money.from_dict(d.pop("amount"))

        def _parse_attempted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                attempted_at_type_0 = datetime.datetime.fromisoformat(data)

                return attempted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        attempted_at = _parse_attempted_at(d.pop("attempted_at"))

        def _parse_failure(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        failure = _parse_failure(d.pop("failure"))

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = RefundLine.from_dict(lines_item_data)

            lines.append(lines_item)

        def _parse_number(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        number = _parse_number(d.pop("number"))

        order_id = UUID(d.pop("order_id"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        refund_id = UUID(d.pop("refund_id"))

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        requested_by = d.pop("requested_by")

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

        def _parse_who(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        who = _parse_who(d.pop("who"))

        listed_refund = cls(
            amount=amount,
            attempted_at=attempted_at,
            failure=failure,
            lines=lines,
            number=number,
            order_id=order_id,
            reason=reason,
            refund_id=refund_id,
            requested_at=requested_at,
            requested_by=requested_by,
            settled_at=settled_at,
            status=status,
            who=who,
        )

        listed_refund.additional_properties = d
        return listed_refund

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
