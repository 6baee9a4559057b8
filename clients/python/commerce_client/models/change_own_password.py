from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChangeOwnPassword")


@_attrs_define
class ChangeOwnPassword:
    """Another password of a member of staff.

    Attributes:
        otp (str): What the authenticator app shows now, or a recovery code; each is good once.
        password (str): 8 to 128 characters, and none of those passwords that are tried first.
        present_password (str): What they log in with now.
    """

    otp: str
    password: str
    present_password: str

    def to_dict(self) -> dict[str, Any]:
        otp = self.otp

        password = self.password

        present_password = self.present_password

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "otp": otp,
                "password": password,
                "present_password": present_password,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        otp = d.pop("otp")

        password = d.pop("password")

        present_password = d.pop("present_password")

        change_own_password = cls(
            otp=otp,
            password=password,
            present_password=present_password,
        )

        return change_own_password
