from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.endpoint_added_answer_status import EndpointAddedAnswerStatus

T = TypeVar("T", bound="EndpointAddedAnswer")


@_attrs_define
class EndpointAddedAnswer:
    """A new endpoint; its secret is shown in this answer alone.

    Attributes:
        endpoint_id (UUID): It is listed, changed and removed under this id.
        event_types (list[str]): What it is told; empty: everything.
        notice_to (None | str): Who gets a mail when it is disabled.
        position (int): What is recorded after this place in the log is delivered.
        secret (str): What each delivery is signed with, as Standard Webhooks has it. Keep it where the receiver's
            secrets are.
        status (EndpointAddedAnswerStatus): `enabled`.
        url (str): Where deliveries go.
    """

    endpoint_id: UUID
    event_types: list[str]
    notice_to: None | str
    position: int
    secret: str
    status: EndpointAddedAnswerStatus
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        endpoint_id = str(self.endpoint_id)

        event_types = self.event_types

        notice_to: None | str
        notice_to = self.notice_to

        position = self.position

        secret = self.secret

        status = self.status.value

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "endpoint_id": endpoint_id,
                "event_types": event_types,
                "notice_to": notice_to,
                "position": position,
                "secret": secret,
                "status": status,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        endpoint_id = UUID(d.pop("endpoint_id"))

        event_types = cast(list[str], d.pop("event_types"))

        def _parse_notice_to(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        notice_to = _parse_notice_to(d.pop("notice_to"))

        position = d.pop("position")

        secret = d.pop("secret")

        status = EndpointAddedAnswerStatus(d.pop("status"))

        url = d.pop("url")

        endpoint_added_answer = cls(
            endpoint_id=endpoint_id,
            event_types=event_types,
            notice_to=notice_to,
            position=position,
            secret=secret,
            status=status,
            url=url,
        )

        endpoint_added_answer.additional_properties = d
        return endpoint_added_answer

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
