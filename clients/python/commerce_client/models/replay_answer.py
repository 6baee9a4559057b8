from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ReplayAnswer")


@_attrs_define
class ReplayAnswer:
    """Everything after a place in the log is delivered once more.

    Attributes:
        after (int): The first event that is delivered again stands after this place in the log.
        endpoint_id (UUID): The endpoint.
        position (int): The place in the log of this request.
    """

    after: int
    endpoint_id: UUID
    position: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        after = self.after

        endpoint_id = str(self.endpoint_id)

        position = self.position

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "after": after,
                "endpoint_id": endpoint_id,
                "position": position,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        after = d.pop("after")

        endpoint_id = UUID(d.pop("endpoint_id"))

        position = d.pop("position")

        replay_answer = cls(
            after=after,
            endpoint_id=endpoint_id,
            position=position,
        )

        replay_answer.additional_properties = d
        return replay_answer

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
