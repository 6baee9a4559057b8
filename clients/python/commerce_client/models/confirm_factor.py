from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ConfirmFactor")


@_attrs_define
class ConfirmFactor:
    """A code of the second factor that was shown.

    Attributes:
        code (str): What the authenticator app shows now for the new secret, so that it is known to work.
    """

    code: str

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = d.pop("code")

        confirm_factor = cls(
            code=code,
        )

        return confirm_factor
