from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.api_key_status import ApiKeyStatus

T = TypeVar("T", bound="ApiKey")


@_attrs_define
class ApiKey:
    """A key of a service, without the key itself.

    Attributes:
        beginning (str): How the key begins, by which it is told apart.
        ends_at (datetime.datetime | None): When it ends because another one has its place; null without one.
        expires_at (datetime.datetime): When it ends, if not before.
        issued_at (datetime.datetime): When it was issued.
        issued_by (str): Who issued it: role and subject.
        key_id (UUID): It is revoked and rotated under this id.
        last_used_at (datetime.datetime | None): When it was used last, to within a minute; null where it never was.
        replaced_by (None | UUID): The key that was issued in its place; null without one.
        replaces (None | UUID): The key in whose place it was issued; null for a first one.
        revoked_at (datetime.datetime | None): When it was revoked; null where it was not.
        scopes (list[str]): What it is good for.
        service (str): Whose key it is.
        status (ApiKeyStatus): Where a key stands.
    """

    beginning: str
    ends_at: datetime.datetime | None
    expires_at: datetime.datetime
    issued_at: datetime.datetime
    issued_by: str
    key_id: UUID
    last_used_at: datetime.datetime | None
    replaced_by: None | UUID
    replaces: None | UUID
    revoked_at: datetime.datetime | None
    scopes: list[str]
    service: str
    status: ApiKeyStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        beginning = self.beginning

        ends_at: None | str
        if isinstance(self.ends_at, datetime.datetime):
            ends_at = self.ends_at.isoformat()
        else:
            ends_at = self.ends_at

        expires_at = self.expires_at.isoformat()

        issued_at = self.issued_at.isoformat()

        issued_by = self.issued_by

        key_id = str(self.key_id)

        last_used_at: None | str
        if isinstance(self.last_used_at, datetime.datetime):
            last_used_at = self.last_used_at.isoformat()
        else:
            last_used_at = self.last_used_at

        replaced_by: None | str
        if isinstance(self.replaced_by, UUID):
            replaced_by = str(self.replaced_by)
        else:
            replaced_by = self.replaced_by

        replaces: None | str
        if isinstance(self.replaces, UUID):
            replaces = str(self.replaces)
        else:
            replaces = self.replaces

        revoked_at: None | str
        if isinstance(self.revoked_at, datetime.datetime):
            revoked_at = self.revoked_at.isoformat()
        else:
            revoked_at = self.revoked_at

        scopes = self.scopes

        service = self.service

        status = self.status.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "beginning": beginning,
                "ends_at": ends_at,
                "expires_at": expires_at,
                "issued_at": issued_at,
                "issued_by": issued_by,
                "key_id": key_id,
                "last_used_at": last_used_at,
                "replaced_by": replaced_by,
                "replaces": replaces,
                "revoked_at": revoked_at,
                "scopes": scopes,
                "service": service,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        beginning = d.pop("beginning")

        def _parse_ends_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ends_at_type_0 = datetime.datetime.fromisoformat(data)

                return ends_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ends_at = _parse_ends_at(d.pop("ends_at"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        issued_at = datetime.datetime.fromisoformat(d.pop("issued_at"))

        issued_by = d.pop("issued_by")

        key_id = UUID(d.pop("key_id"))

        def _parse_last_used_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_used_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_used_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_used_at = _parse_last_used_at(d.pop("last_used_at"))

        def _parse_replaced_by(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                replaced_by_type_0 = UUID(data)

                return replaced_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        replaced_by = _parse_replaced_by(d.pop("replaced_by"))

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

        def _parse_revoked_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                revoked_at_type_0 = datetime.datetime.fromisoformat(data)

                return revoked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        revoked_at = _parse_revoked_at(d.pop("revoked_at"))

        scopes = cast(list[str], d.pop("scopes"))

        service = d.pop("service")

        status = ApiKeyStatus(d.pop("status"))

        api_key = cls(
            beginning=beginning,
            ends_at=ends_at,
            expires_at=expires_at,
            issued_at=issued_at,
            issued_by=issued_by,
            key_id=key_id,
            last_used_at=last_used_at,
            replaced_by=replaced_by,
            replaces=replaces,
            revoked_at=revoked_at,
            scopes=scopes,
            service=service,
            status=status,
        )

        api_key.additional_properties = d
        return api_key

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
