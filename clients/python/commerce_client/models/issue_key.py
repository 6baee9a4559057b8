from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.issue_key_scopes_item import IssueKeyScopesItem
from ..types import UNSET, Unset

T = TypeVar("T", bound="IssueKey")


@_attrs_define
class IssueKey:
    """A key that a service is to have.

    Attributes:
        scopes (list[IssueKeyScopesItem]): What it is good for; name no more than the service needs.
        service (str): Whose key it is; what is done with it is on record as done by `service:` and this name.
        expires_at (datetime.datetime | None | Unset): When it ends, at most 366 days from now; in 90 days where it is
            left out.
    """

    scopes: list[IssueKeyScopesItem]
    service: str
    expires_at: datetime.datetime | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        scopes = []
        for scopes_item_data in self.scopes:
            scopes_item = scopes_item_data.value
            scopes.append(scopes_item)

        service = self.service

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "scopes": scopes,
                "service": service,
            }
        )
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        scopes = []
        _scopes = d.pop("scopes")
        for scopes_item_data in _scopes:
            scopes_item = IssueKeyScopesItem(scopes_item_data)

            scopes.append(scopes_item)

        service = d.pop("service")

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        issue_key = cls(
            scopes=scopes,
            service=service,
            expires_at=expires_at,
        )

        return issue_key
