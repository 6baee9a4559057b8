from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.enrolment_role import EnrolmentRole

T = TypeVar("T", bound="Enrolment")


@_attrs_define
class Enrolment:
    """What somebody who is invited puts into an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds).

    Attributes:
        email (str): What they log in with.
        role (EnrolmentRole): What they may do.
        secret (str): The secret in base 32; the same until the invitation is accepted, and shown by nothing afterwards.
        uri (str): The same, for a QR code.
    """

    email: str
    role: EnrolmentRole
    secret: str
    uri: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        role = self.role.value

        secret = self.secret

        uri = self.uri

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "email": email,
                "role": role,
                "secret": secret,
                "uri": uri,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        role = EnrolmentRole(d.pop("role"))

        secret = d.pop("secret")

        uri = d.pop("uri")

        enrolment = cls(
            email=email,
            role=role,
            secret=secret,
            uri=uri,
        )

        enrolment.additional_properties = d
        return enrolment

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
