from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.webhook_endpoint_status import WebhookEndpointStatus

T = TypeVar("T", bound="WebhookEndpoint")


@_attrs_define
class WebhookEndpoint:
    """An endpoint, without its secret.

    Attributes:
        added_at (datetime.datetime): When it was added.
        added_by (str): Who added it: role and subject.
        disabled_at (datetime.datetime | None): When it was disabled.
        disabled_reason (None | str): `gone`: it answered 410; `failing`: it took nothing for three days; `by_operator`;
            null while it is enabled.
        endpoint_id (UUID): It is changed and removed under this id.
        event_types (list[str]): What it is told; empty: everything that is published.
        notice_to (None | str): Who gets a mail when it is disabled.
        previous_secret_until (datetime.datetime | None): Until when deliveries are, or were, signed with the secret
            before, too.
        status (WebhookEndpointStatus): Whether it is told anything.
        url (str): Where deliveries go.
    """

    added_at: datetime.datetime
    added_by: str
    disabled_at: datetime.datetime | None
    disabled_reason: None | str
    endpoint_id: UUID
    event_types: list[str]
    notice_to: None | str
    previous_secret_until: datetime.datetime | None
    status: WebhookEndpointStatus
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        added_at = self.added_at.isoformat()

        added_by = self.added_by

        disabled_at: None | str
        if isinstance(self.disabled_at, datetime.datetime):
            disabled_at = self.disabled_at.isoformat()
        else:
            disabled_at = self.disabled_at

        disabled_reason: None | str
        disabled_reason = self.disabled_reason

        endpoint_id = str(self.endpoint_id)

        event_types = self.event_types

        notice_to: None | str
        notice_to = self.notice_to

        previous_secret_until: None | str
        if isinstance(self.previous_secret_until, datetime.datetime):
            previous_secret_until = self.previous_secret_until.isoformat()
        else:
            previous_secret_until = self.previous_secret_until

        status = self.status.value

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "added_at": added_at,
                "added_by": added_by,
                "disabled_at": disabled_at,
                "disabled_reason": disabled_reason,
                "endpoint_id": endpoint_id,
                "event_types": event_types,
                "notice_to": notice_to,
                "previous_secret_until": previous_secret_until,
                "status": status,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        added_at = datetime.datetime.fromisoformat(d.pop("added_at"))

        added_by = d.pop("added_by")

        def _parse_disabled_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                disabled_at_type_0 = datetime.datetime.fromisoformat(data)

                return disabled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        disabled_at = _parse_disabled_at(d.pop("disabled_at"))

        def _parse_disabled_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        disabled_reason = _parse_disabled_reason(d.pop("disabled_reason"))

        endpoint_id = UUID(d.pop("endpoint_id"))

        event_types = cast(list[str], d.pop("event_types"))

        def _parse_notice_to(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        notice_to = _parse_notice_to(d.pop("notice_to"))

        def _parse_previous_secret_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                previous_secret_until_type_0 = datetime.datetime.fromisoformat(data)

                return previous_secret_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        previous_secret_until = _parse_previous_secret_until(d.pop("previous_secret_until"))

        status = WebhookEndpointStatus(d.pop("status"))

        url = d.pop("url")

        webhook_endpoint = cls(
            added_at=added_at,
            added_by=added_by,
            disabled_at=disabled_at,
            disabled_reason=disabled_reason,
            endpoint_id=endpoint_id,
            event_types=event_types,
            notice_to=notice_to,
            previous_secret_until=previous_secret_until,
            status=status,
            url=url,
        )

        webhook_endpoint.additional_properties = d
        return webhook_endpoint

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
