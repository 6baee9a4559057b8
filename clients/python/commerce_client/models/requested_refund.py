from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.refund_status import RefundStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.money import Money
    from ..models.refund_line import RefundLine


T = TypeVar("T", bound="RequestedRefund")


@_attrs_define
class RequestedRefund:
    """One refund; `failure` is why it failed, by the provider's code or one of ours.

    Attributes:
        amount (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        refund_id (UUID): The refund; also its idempotency key with the payment provider.
        status (RefundStatus): What became of a refund.
        failure (None | str | Unset): Why it failed; null otherwise.
        lines (list[RefundLine] | Unset): For which pieces, where it was asked for by lines.
    """

    amount: Money
    refund_id: UUID
    status: RefundStatus
    failure: None | str | Unset = UNSET
    lines: list[RefundLine] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount.to_dict()

        refund_id = str(self.refund_id)

        status = self.status.value

        failure: None | str | Unset
        if isinstance(self.failure, Unset):
            failure = UNSET
        else:
            failure = self.failure

        lines: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.lines, Unset):
            lines = []
            for lines_item_data in self.lines:
                lines_item = lines_item_data.to_dict()
                lines.append(lines_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "refund_id": refund_id,
                "status": status,
            }
        )
        if failure is not UNSET:
            field_dict["failure"] = failure
        if lines is not UNSET:
            field_dict["lines"] = lines

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415
        from ..models.refund_line import RefundLine  # noqa: PLC0415

        d = dict(src_dict)
        amount = Money.from_dict(d.pop("amount"))

        refund_id = UUID(d.pop("refund_id"))

        status = RefundStatus(d.pop("status"))

        def _parse_failure(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        failure = _parse_failure(d.pop("failure", UNSET))

        _lines = d.pop("lines", UNSET)
        lines: list[RefundLine] | Unset = UNSET
        if _lines is not UNSET:
            lines = []
            for lines_item_data in _lines:
                lines_item = RefundLine.from_dict(lines_item_data)

                lines.append(lines_item)

        requested_refund = cls(
            amount=amount,
            refund_id=refund_id,
            status=status,
            failure=failure,
            lines=lines,
        )

        requested_refund.additional_properties = d
        return requested_refund

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
