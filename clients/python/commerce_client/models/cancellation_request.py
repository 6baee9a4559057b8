from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="CancellationRequest")


@_attrs_define
class CancellationRequest:
    """Why an order is to be undone.

    Attributes:
        reason (str): Why, in the sender's own words; stored encrypted, like an address.
    """

    reason: str

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        reason = d.pop("reason")

        cancellation_request = cls(
            reason=reason,
        )

        return cancellation_request
