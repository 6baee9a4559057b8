from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.order_dispute_status_type_1 import OrderDisputeStatusType1

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="OrderDispute")


@_attrs_define
class OrderDispute:
    """The customer has the bank take back what they paid.

    Attributes:
        amount (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        answer_by (datetime.datetime | None): Until when the shop can answer at the provider; null where it does not
            say.
        dispute_id (str): The payment provider's id of it.
        reason (str): The customer's, as the provider's code, such as `fraudulent`.
        status (Literal['open'] | OrderDisputeStatusType1): How it stands: open, or how it ended, in the provider's
            word.
    """

    amount: Money
    answer_by: datetime.datetime | None
    dispute_id: str
    reason: str
    status: Literal["open"] | OrderDisputeStatusType1
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount.to_dict()

        answer_by: None | str
        if isinstance(self.answer_by, datetime.datetime):
            answer_by = self.answer_by.isoformat()
        else:
            answer_by = self.answer_by

        dispute_id = self.dispute_id

        reason = self.reason

        status: Literal["open"] | str
        if isinstance(self.status, OrderDisputeStatusType1):
            status = self.status.value
        else:
            status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "answer_by": answer_by,
                "dispute_id": dispute_id,
                "reason": reason,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        amount = Money.from_dict(d.pop("amount"))

        def _parse_answer_by(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answer_by_type_0 = datetime.datetime.fromisoformat(data)

                return answer_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        answer_by = _parse_answer_by(d.pop("answer_by"))

        dispute_id = d.pop("dispute_id")

        reason = d.pop("reason")

        def _parse_status(data: object) -> Literal["open"] | OrderDisputeStatusType1:
            status_type_0 = cast(Literal["open"], data)
            if status_type_0 != "open":
                raise ValueError(f"status_type_0 must match const 'open', got '{status_type_0}'")
            return status_type_0
            if not isinstance(data, str):
                raise TypeError()
            status_type_1 = OrderDisputeStatusType1(data)

            return status_type_1

        status = _parse_status(d.pop("status"))

        order_dispute = cls(
            amount=amount,
            answer_by=answer_by,
            dispute_id=dispute_id,
            reason=reason,
            status=status,
        )

        order_dispute.additional_properties = d
        return order_dispute

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
