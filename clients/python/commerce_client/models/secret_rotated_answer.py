from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SecretRotatedAnswer")


@_attrs_define
class SecretRotatedAnswer:
    """A new secret; it is shown in this answer alone.

    Attributes:
        endpoint_id (UUID): The endpoint.
        position (int): The place in the log.
        previous_until (datetime.datetime): Until when deliveries are signed with the secret before, too.
        secret (str): The secret.
    """

    endpoint_id: UUID
    position: int
    previous_until: datetime.datetime
    secret: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        endpoint_id = str(self.endpoint_id)

        position = self.position

        previous_until = self.previous_until.isoformat()

        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "endpoint_id": endpoint_id,
                "position": position,
                "previous_until": previous_until,
                "secret": secret,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        endpoint_id = UUID(d.pop("endpoint_id"))

        position = d.pop("position")

        previous_until = datetime.datetime.fromisoformat(d.pop("previous_until"))

        secret = d.pop("secret")

        secret_rotated_answer = cls(
            endpoint_id=endpoint_id,
            position=position,
            previous_until=previous_until,
            secret=secret,
        )

        secret_rotated_answer.additional_properties = d
        return secret_rotated_answer

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
