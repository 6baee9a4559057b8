from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.erasure_status import ErasureStatus
from ..models.listed_erasure_ground import ListedErasureGround
from ..models.listed_erasure_kind import ListedErasureKind

T = TypeVar("T", bound="ListedErasure")


@_attrs_define
class ListedErasure:
    """An erasure in the list.

    Attributes:
        age_s (int): Seconds since it was requested, or that it took.
        completed_at (datetime.datetime | None): When all was done.
        destroyed_at (datetime.datetime | None): Since when nobody can read the data.
        ground (ListedErasureGround): Why.
        kind (ListedErasureKind): Which of both.
        person_id (UUID): The customer, or the order of a guest.
        requested_at (datetime.datetime): When.
        requested_by (str): Who wanted it.
        status (ErasureStatus): How far an erasure has come.
    """

    age_s: int
    completed_at: datetime.datetime | None
    destroyed_at: datetime.datetime | None
    ground: ListedErasureGround
    kind: ListedErasureKind
    person_id: UUID
    requested_at: datetime.datetime
    requested_by: str
    status: ErasureStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        age_s = self.age_s

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        destroyed_at: None | str
        if isinstance(self.destroyed_at, datetime.datetime):
            destroyed_at = self.destroyed_at.isoformat()
        else:
            destroyed_at = self.destroyed_at

        ground = self.ground.value

        kind = self.kind.value

        person_id = str(self.person_id)

        requested_at = self.requested_at.isoformat()

        requested_by = self.requested_by

        status = self.status.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "age_s": age_s,
                "completed_at": completed_at,
                "destroyed_at": destroyed_at,
                "ground": ground,
                "kind": kind,
                "person_id": person_id,
                "requested_at": requested_at,
                "requested_by": requested_by,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        age_s = d.pop("age_s")

        def _parse_completed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                completed_at_type_0 = datetime.datetime.fromisoformat(data)

                return completed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        completed_at = _parse_completed_at(d.pop("completed_at"))

        def _parse_destroyed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                destroyed_at_type_0 = datetime.datetime.fromisoformat(data)

                return destroyed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        destroyed_at = _parse_destroyed_at(d.pop("destroyed_at"))

        ground = ListedErasureGround(d.pop("ground"))

        kind = ListedErasureKind(d.pop("kind"))

        person_id = UUID(d.pop("person_id"))

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        requested_by = d.pop("requested_by")

        status = ErasureStatus(d.pop("status"))

        listed_erasure = cls(
            age_s=age_s,
            completed_at=completed_at,
            destroyed_at=destroyed_at,
            ground=ground,
            kind=kind,
            person_id=person_id,
            requested_at=requested_at,
            requested_by=requested_by,
            status=status,
        )

        listed_erasure.additional_properties = d
        return listed_erasure

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
