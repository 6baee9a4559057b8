from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Session")


@_attrs_define
class Session:
    """A session in which a member of staff is logged in.

    Attributes:
        expires_at (datetime.datetime): When it ends, if not before.
        is_this (bool): Whether the request was sent with a token of it.
        refreshed_at (datetime.datetime): When they got tokens last.
        session_id (UUID): It is ended under this id.
        started_at (datetime.datetime): When they logged in.
    """

    expires_at: datetime.datetime
    is_this: bool
    refreshed_at: datetime.datetime
    session_id: UUID
    started_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expires_at = self.expires_at.isoformat()

        is_this = self.is_this

        refreshed_at = self.refreshed_at.isoformat()

        session_id = str(self.session_id)

        started_at = self.started_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expires_at": expires_at,
                "is_this": is_this,
                "refreshed_at": refreshed_at,
                "session_id": session_id,
                "started_at": started_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        is_this = d.pop("is_this")

        refreshed_at = datetime.datetime.fromisoformat(d.pop("refreshed_at"))

        session_id = UUID(d.pop("session_id"))

        started_at = datetime.datetime.fromisoformat(d.pop("started_at"))

        session = cls(
            expires_at=expires_at,
            is_this=is_this,
            refreshed_at=refreshed_at,
            session_id=session_id,
            started_at=started_at,
        )

        session.additional_properties = d
        return session

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
