from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.limit_usage import LimitUsage


T = TypeVar("T", bound="Usage")


@_attrs_define
class Usage:
    """Somebody who asks, and how much of their limits is used up.

    Attributes:
        good_until (datetime.datetime): When what they identify themselves by ends.
        limits (list[LimitUsage]): For each group of routes that has a limit; where processes count by themselves, as
            one process has counted.
        role (str): Their role.
        scopes (list[str] | None): What their key, token or account is good for; null for all that their role may do.
        subject (str): Who they are: the id of a person, or the name of a service.
    """

    good_until: datetime.datetime
    limits: list[LimitUsage]
    role: str
    scopes: list[str] | None
    subject: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        good_until = self.good_until.isoformat()

        limits = []
        for limits_item_data in self.limits:
            limits_item = limits_item_data.to_dict()
            limits.append(limits_item)

        role = self.role

        scopes: list[str] | None
        if isinstance(self.scopes, list):
            scopes = self.scopes

        else:
            scopes = self.scopes

        subject = self.subject

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "good_until": good_until,
                "limits": limits,
                "role": role,
                "scopes": scopes,
                "subject": subject,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.limit_usage import LimitUsage  # noqa: PLC0415

        d = dict(src_dict)
        good_until = datetime.datetime.fromisoformat(d.pop("good_until"))

        limits = []
        _limits = d.pop("limits")
        for limits_item_data in _limits:
            limits_item = LimitUsage.from_dict(limits_item_data)

            limits.append(limits_item)

        role = d.pop("role")

        def _parse_scopes(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                scopes_type_0 = cast(list[str], data)

                return scopes_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        scopes = _parse_scopes(d.pop("scopes"))

        subject = d.pop("subject")

        usage = cls(
            good_until=good_until,
            limits=limits,
            role=role,
            scopes=scopes,
            subject=subject,
        )

        usage.additional_properties = d
        return usage

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
