from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LimitUsage")


@_attrs_define
class LimitUsage:
    """How much of a group of routes somebody may ask for, and has asked for.

    Attributes:
        group (str): The group, as the headers `RateLimit` name it.
        limit (int): So many requests are accepted in a window.
        reset_s (int): After so many seconds it ends.
        used (int): So many came in the present one.
        window_s (int): The seconds of a window.
    """

    group: str
    limit: int
    reset_s: int
    used: int
    window_s: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        group = self.group

        limit = self.limit

        reset_s = self.reset_s

        used = self.used

        window_s = self.window_s

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "group": group,
                "limit": limit,
                "reset_s": reset_s,
                "used": used,
                "window_s": window_s,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        group = d.pop("group")

        limit = d.pop("limit")

        reset_s = d.pop("reset_s")

        used = d.pop("used")

        window_s = d.pop("window_s")

        limit_usage = cls(
            group=group,
            limit=limit,
            reset_s=reset_s,
            used=used,
            window_s=window_s,
        )

        limit_usage.additional_properties = d
        return limit_usage

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
