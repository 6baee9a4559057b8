from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.key_issued_scopes_item import KeyIssuedScopesItem

T = TypeVar("T", bound="KeyIssued")


@_attrs_define
class KeyIssued:
    """A new key; it is shown in this answer alone.

    Attributes:
        beginning (str): How it begins, by which it is told apart.
        expires_at (datetime.datetime): When it ends.
        key (str): The key itself, for `Authorization: Bearer …`. Keep it where the service's secrets are; we do not
            keep it.
        key_id (UUID): The key is listed and revoked under this id.
        position (int): The place in the log.
        replaced_ends_at (datetime.datetime | None): Until when that one is accepted, too.
        replaces (None | UUID): The key in whose place it is; null for a first one.
        scopes (list[KeyIssuedScopesItem]): What it is good for.
        service (str): Whose key it is.
    """

    beginning: str
    expires_at: datetime.datetime
    key: str
    key_id: UUID
    position: int
    replaced_ends_at: datetime.datetime | None
    replaces: None | UUID
    scopes: list[KeyIssuedScopesItem]
    service: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        beginning = self.beginning

        expires_at = self.expires_at.isoformat()

        key = self.key

        key_id = str(self.key_id)

        position = self.position

        replaced_ends_at: None | str
        if isinstance(self.replaced_ends_at, datetime.datetime):
            replaced_ends_at = self.replaced_ends_at.isoformat()
        else:
            replaced_ends_at = self.replaced_ends_at

        replaces: None | str
        if isinstance(self.replaces, UUID):
            replaces = str(self.replaces)
        else:
            replaces = self.replaces

        scopes = []
        for scopes_item_data in self.scopes:
            scopes_item = scopes_item_data.value
            scopes.append(scopes_item)

        service = self.service

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "beginning": beginning,
                "expires_at": expires_at,
                "key": key,
                "key_id": key_id,
                "position": position,
                "replaced_ends_at": replaced_ends_at,
                "replaces": replaces,
                "scopes": scopes,
                "service": service,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        beginning = d.pop("beginning")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        key = d.pop("key")

        key_id = UUID(d.pop("key_id"))

        position = d.pop("position")

        def _parse_replaced_ends_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                replaced_ends_at_type_0 = datetime.datetime.fromisoformat(data)

                return replaced_ends_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        replaced_ends_at = _parse_replaced_ends_at(d.pop("replaced_ends_at"))

        def _parse_replaces(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                replaces_type_0 = UUID(data)

                return replaces_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        replaces = _parse_replaces(d.pop("replaces"))

        scopes = []
        _scopes = d.pop("scopes")
        for scopes_item_data in _scopes:
            scopes_item = KeyIssuedScopesItem(scopes_item_data)

            scopes.append(scopes_item)

        service = d.pop("service")

        key_issued = cls(
            beginning=beginning,
            expires_at=expires_at,
            key=key,
            key_id=key_id,
            position=position,
            replaced_ends_at=replaced_ends_at,
            replaces=replaces,
            scopes=scopes,
            service=service,
        )

        key_issued.additional_properties = d
        return key_issued

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
