from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.erasure_ground import ErasureGround
from ..models.erasure_kind import ErasureKind
from ..models.erasure_status import ErasureStatus

if TYPE_CHECKING:
    from ..models.certificate import Certificate


T = TypeVar("T", bound="Erasure")


@_attrs_define
class Erasure:
    """How far the erasure of a person's data is.

    Attributes:
        certificate (Certificate | None): What was erased; null until all was done.
        completed_at (datetime.datetime | None): When all was done; null until then.
        erased_at (datetime.datetime | None): Since when nobody can read the data; null as long as orders have not
            ended.
        ground (ErasureGround): Why.
        kind (ErasureKind): Which of both.
        person_id (UUID): The customer, or the order of a guest.
        requested_at (datetime.datetime): When.
        requested_by (str): Who wanted it: role and subject.
        status (ErasureStatus): How far an erasure has come.
    """

    certificate: Certificate | None
    completed_at: datetime.datetime | None
    erased_at: datetime.datetime | None
    ground: ErasureGround
    kind: ErasureKind
    person_id: UUID
    requested_at: datetime.datetime
    requested_by: str
    status: ErasureStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.certificate import Certificate  # noqa: PLC0415

        certificate: dict[str, Any] | None
        if isinstance(self.certificate, Certificate):
            certificate = self.certificate.to_dict()
        else:
            certificate = self.certificate

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        erased_at: None | str
        if isinstance(self.erased_at, datetime.datetime):
            erased_at = self.erased_at.isoformat()
        else:
            erased_at = self.erased_at

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
                "certificate": certificate,
                "completed_at": completed_at,
                "erased_at": erased_at,
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
        from ..models.certificate import Certificate  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_certificate(data: object) -> Certificate | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                certificate_type_0 = Certificate.from_dict(data)

                return certificate_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Certificate | None, data)

        certificate = _parse_certificate(d.pop("certificate"))

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

        def _parse_erased_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                erased_at_type_0 = datetime.datetime.fromisoformat(data)

                return erased_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        erased_at = _parse_erased_at(d.pop("erased_at"))

        ground = ErasureGround(d.pop("ground"))

        kind = ErasureKind(d.pop("kind"))

        person_id = UUID(d.pop("person_id"))

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        requested_by = d.pop("requested_by")

        status = ErasureStatus(d.pop("status"))

        erasure = cls(
            certificate=certificate,
            completed_at=completed_at,
            erased_at=erased_at,
            ground=ground,
            kind=kind,
            person_id=person_id,
            requested_at=requested_at,
            requested_by=requested_by,
            status=status,
        )

        erasure.additional_properties = d
        return erasure

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
