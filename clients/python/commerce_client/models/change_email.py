from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChangeEmail")


@_attrs_define
class ChangeEmail:
    """Another e-mail address, which a mail there asks to be confirmed.

    Attributes:
        email (str): What they want to log in with; capitals make no difference, and no two customers have the same.
        present_password (str): The password that they log in with.
    """

    email: str
    present_password: str

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        present_password = self.present_password

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "present_password": present_password,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        present_password = d.pop("present_password")

        change_email = cls(
            email=email,
            present_password=present_password,
        )

        return change_email
