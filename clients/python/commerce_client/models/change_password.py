from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChangePassword")


@_attrs_define
class ChangePassword:
    """Another password; who is logged in elsewhere is logged out.

    Attributes:
        password (str): 8 to 128 characters, and none of those passwords that are tried first.
        present_password (str): The one that is replaced.
    """

    password: str
    present_password: str

    def to_dict(self) -> dict[str, Any]:
        password = self.password

        present_password = self.present_password

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "password": password,
                "present_password": present_password,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        password = d.pop("password")

        present_password = d.pop("present_password")

        change_password = cls(
            password=password,
            present_password=present_password,
        )

        return change_password
