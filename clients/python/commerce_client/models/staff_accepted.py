from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.staff_status import StaffStatus

T = TypeVar("T", bound="StaffAccepted")


@_attrs_define
class StaffAccepted:
    """Something was done about a member of staff.

    Attributes:
        member_id (UUID): The member of staff; what they do is on record as done by their role and this id.
        position (int): The place in the log.
        status (StaffStatus): Where a member of staff stands.
    """

    member_id: UUID
    position: int
    status: StaffStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        member_id = str(self.member_id)

        position = self.position

        status = self.status.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "member_id": member_id,
                "position": position,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        member_id = UUID(d.pop("member_id"))

        position = d.pop("position")

        status = StaffStatus(d.pop("status"))

        staff_accepted = cls(
            member_id=member_id,
            position=position,
            status=status,
        )

        staff_accepted.additional_properties = d
        return staff_accepted

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
