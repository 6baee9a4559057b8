from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.erasure_accepted_ground import ErasureAcceptedGround

T = TypeVar("T", bound="ErasureAccepted")


@_attrs_define
class ErasureAccepted:
    """The data will be erased as soon as the person's orders have ended.

    Attributes:
        ground (ErasureAcceptedGround): Why, as it was requested first.
        person_id (UUID): The customer, or the order of a guest.
        position (int): The place in the log.
        requested_at (datetime.datetime): When it was requested first.
        status (Literal['requested']): Always `requested`; the address in `Location` shows how far it is.
    """

    ground: ErasureAcceptedGround
    person_id: UUID
    position: int
    requested_at: datetime.datetime
    status: Literal["requested"]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ground = self.ground.value

        person_id = str(self.person_id)

        position = self.position

        requested_at = self.requested_at.isoformat()

        status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ground": ground,
                "person_id": person_id,
                "position": position,
                "requested_at": requested_at,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        ground = ErasureAcceptedGround(d.pop("ground"))

        person_id = UUID(d.pop("person_id"))

        position = d.pop("position")

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        status = cast(Literal["requested"], d.pop("status"))
        if status != "requested":
            raise ValueError(f"status must match const 'requested', got '{status}'")

        erasure_accepted = cls(
            ground=ground,
            person_id=person_id,
            position=position,
            requested_at=requested_at,
            status=status,
        )

        erasure_accepted.additional_properties = d
        return erasure_accepted

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
