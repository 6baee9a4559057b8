from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ParkedReason")


@_attrs_define
class ParkedReason:
    """Why, and about which events of the group.

    Attributes:
        reason (str): Why; personal data stays sealed.
        positions (list[int] | None | Unset): Only these of the group; left out: all of it.
    """

    reason: str
    positions: list[int] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason

        positions: list[int] | None | Unset
        if isinstance(self.positions, Unset):
            positions = UNSET
        elif isinstance(self.positions, list):
            positions = self.positions

        else:
            positions = self.positions

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
            }
        )
        if positions is not UNSET:
            field_dict["positions"] = positions

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        reason = d.pop("reason")

        def _parse_positions(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                positions_type_0 = cast(list[int], data)

                return positions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        positions = _parse_positions(d.pop("positions", UNSET))

        parked_reason = cls(
            reason=reason,
            positions=positions,
        )

        return parked_reason
