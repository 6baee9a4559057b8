from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ProveIdentity")


@_attrs_define
class ProveIdentity:
    """What a member of staff shows who they are by.

    Attributes:
        otp (str): What the authenticator app shows now, or a recovery code; each is good once.
        present_password (str): What they log in with now.
    """

    otp: str
    present_password: str

    def to_dict(self) -> dict[str, Any]:
        otp = self.otp

        present_password = self.present_password

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "otp": otp,
                "present_password": present_password,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        otp = d.pop("otp")

        present_password = d.pop("present_password")

        prove_identity = cls(
            otp=otp,
            present_password=present_password,
        )

        return prove_identity
