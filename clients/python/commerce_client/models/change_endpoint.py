from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.change_endpoint_event_types_type_0_item import (
    ChangeEndpointEventTypesType0Item,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="ChangeEndpoint")


@_attrs_define
class ChangeEndpoint:
    """What changes of an endpoint (RFC 7396): what is left out stays.

    Attributes:
        enabled (bool | None | Unset): `false`: nothing is delivered until it is `true` again; then everything that
            waited is.
        event_types (list[ChangeEndpointEventTypesType0Item] | None | Unset): What it is told from now on; empty:
            everything.
        notice_to (None | str | Unset): Who gets a mail when it is disabled; null: nobody.
        url (None | str | Unset): Where deliveries go from now on, also those that wait.
    """

    enabled: bool | None | Unset = UNSET
    event_types: list[ChangeEndpointEventTypesType0Item] | None | Unset = UNSET
    notice_to: None | str | Unset = UNSET
    url: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        enabled: bool | None | Unset
        if isinstance(self.enabled, Unset):
            enabled = UNSET
        else:
            enabled = self.enabled

        event_types: list[str] | None | Unset
        if isinstance(self.event_types, Unset):
            event_types = UNSET
        elif isinstance(self.event_types, list):
            event_types = []
            for event_types_type_0_item_data in self.event_types:
                event_types_type_0_item = event_types_type_0_item_data.value
                event_types.append(event_types_type_0_item)

        else:
            event_types = self.event_types

        notice_to: None | str | Unset
        if isinstance(self.notice_to, Unset):
            notice_to = UNSET
        else:
            notice_to = self.notice_to

        url: None | str | Unset
        if isinstance(self.url, Unset):
            url = UNSET
        else:
            url = self.url

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if enabled is not UNSET:
            field_dict["enabled"] = enabled
        if event_types is not UNSET:
            field_dict["event_types"] = event_types
        if notice_to is not UNSET:
            field_dict["notice_to"] = notice_to
        if url is not UNSET:
            field_dict["url"] = url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_enabled(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        enabled = _parse_enabled(d.pop("enabled", UNSET))

        def _parse_event_types(data: object) -> list[ChangeEndpointEventTypesType0Item] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                event_types_type_0 = []
                _event_types_type_0 = data
                for event_types_type_0_item_data in _event_types_type_0:
                    event_types_type_0_item = ChangeEndpointEventTypesType0Item(event_types_type_0_item_data)

                    event_types_type_0.append(event_types_type_0_item)

                return event_types_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ChangeEndpointEventTypesType0Item] | None | Unset, data)

        event_types = _parse_event_types(d.pop("event_types", UNSET))

        def _parse_notice_to(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        notice_to = _parse_notice_to(d.pop("notice_to", UNSET))

        def _parse_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        url = _parse_url(d.pop("url", UNSET))

        change_endpoint = cls(
            enabled=enabled,
            event_types=event_types,
            notice_to=notice_to,
            url=url,
        )

        return change_endpoint
