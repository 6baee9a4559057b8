from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.add_endpoint_event_types_item import AddEndpointEventTypesItem
from ..types import UNSET, Unset

T = TypeVar("T", bound="AddEndpoint")


@_attrs_define
class AddEndpoint:
    """Where deliveries are to go, and which.

    Attributes:
        url (str): An https:// address of the public Internet.
        event_types (list[AddEndpointEventTypesItem] | Unset): What it is told; empty or left out: everything that is
            published, also what comes to be later.
        notice_to (None | str | Unset): Who gets a mail when the endpoint is disabled, as it takes nothing.
    """

    url: str
    event_types: list[AddEndpointEventTypesItem] | Unset = UNSET
    notice_to: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        event_types: list[str] | Unset = UNSET
        if not isinstance(self.event_types, Unset):
            event_types = []
            for event_types_item_data in self.event_types:
                event_types_item = event_types_item_data.value
                event_types.append(event_types_item)

        notice_to: None | str | Unset
        if isinstance(self.notice_to, Unset):
            notice_to = UNSET
        else:
            notice_to = self.notice_to

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "url": url,
            }
        )
        if event_types is not UNSET:
            field_dict["event_types"] = event_types
        if notice_to is not UNSET:
            field_dict["notice_to"] = notice_to

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        url = d.pop("url")

        _event_types = d.pop("event_types", UNSET)
        event_types: list[AddEndpointEventTypesItem] | Unset = UNSET
        if _event_types is not UNSET:
            event_types = []
            for event_types_item_data in _event_types:
                event_types_item = AddEndpointEventTypesItem(event_types_item_data)

                event_types.append(event_types_item)

        def _parse_notice_to(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        notice_to = _parse_notice_to(d.pop("notice_to", UNSET))

        add_endpoint = cls(
            url=url,
            event_types=event_types,
            notice_to=notice_to,
        )

        return add_endpoint
