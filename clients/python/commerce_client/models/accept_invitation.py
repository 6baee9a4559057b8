from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="AcceptInvitation")


@_attrs_define
class AcceptInvitation:
    """How a member of staff wants to log in.

    Attributes:
        code (str): What the authenticator app shows now, so that it is known to work.
        password (str): 8 to 128 characters, and none of those passwords that are tried first.
        token (str): As it stands in the mail; good once, for three days, until a later mail.
    """

    code: str
    password: str
    token: str

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        password = self.password

        token = self.token

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
                "password": password,
                "token": token,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = d.pop("code")

        password = d.pop("password")

        token = d.pop("token")

        accept_invitation = cls(
            code=code,
            password=password,
            token=token,
        )

        return accept_invitation
