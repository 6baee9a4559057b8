from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="NewFactor")


@_attrs_define
class NewFactor:
    """The secret of another second factor (RFC 6238: SHA-1, 6 digits, 30 seconds), which is to be confirmed.

    Attributes:
        expires_at (datetime.datetime): Until when it can be confirmed; until it is, the present one is good.
        position (int): The place in the log.
        secret (str): The secret in base 32; shown in this answer alone.
        uri (str): The same, for a QR code.
    """

    expires_at: datetime.datetime
    position: int
    secret: str
    uri: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expires_at = self.expires_at.isoformat()

        position = self.position

        secret = self.secret

        uri = self.uri

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expires_at": expires_at,
                "position": position,
                "secret": secret,
                "uri": uri,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        position = d.pop("position")

        secret = d.pop("secret")

        uri = d.pop("uri")

        new_factor = cls(
            expires_at=expires_at,
            position=position,
            secret=secret,
            uri=uri,
        )

        new_factor.additional_properties = d
        return new_factor

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
