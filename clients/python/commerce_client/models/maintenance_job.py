from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.maintenance_job_kind import MaintenanceJobKind
from ..models.maintenance_job_status import MaintenanceJobStatus

if TYPE_CHECKING:
    from ..models.row_difference import RowDifference


T = TypeVar("T", bound="MaintenanceJob")


@_attrs_define
class MaintenanceJob:
    """One request and how far it is.

    `done` of `total` counts places of the log, and for a verification its rows too; `rate` is per second since a worker
    last took it up, and `seconds_left` follows from that. `differing` rows were found; the first of them are
    `differences`. One that `failed` has ended with a `problem`, and left the read model as it is.

        Attributes:
            differences (list[RowDifference]): The first rows that were found to be wrong.
            differing (int): How many rows were found to be wrong.
            done (int): How many of `total` are done.
            ended_at (datetime.datetime | None): When it ended; null while it is under way.
            id (int): Its number.
            kind (MaintenanceJobKind): What it is.
            problem (None | str): What keeps it from going on; null where nothing does.
            projection (str): The read model.
            rate (float | None): How many are done in a second; null before that is known.
            requested_at (datetime.datetime): When somebody asked for it.
            requested_by (str): Who asked for it.
            seconds_left (float | None): For how many seconds it still runs, at this rate; null before that is known.
            status (MaintenanceJobStatus): Where it stands.
            total (int): How much there is to do.
            version (int): The version of the read model's definition.
    """

    differences: list[RowDifference]
    differing: int
    done: int
    ended_at: datetime.datetime | None
    id: int
    kind: MaintenanceJobKind
    problem: None | str
    projection: str
    rate: float | None
    requested_at: datetime.datetime
    requested_by: str
    seconds_left: float | None
    status: MaintenanceJobStatus
    total: int
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        differences = []
        for differences_item_data in self.differences:
            differences_item = differences_item_data.to_dict()
            differences.append(differences_item)

        differing = self.differing

        done = self.done

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        id = self.id

        kind = self.kind.value

        problem: None | str
        problem = self.problem

        projection = self.projection

        rate: float | None
        rate = self.rate

        requested_at = self.requested_at.isoformat()

        requested_by = self.requested_by

        seconds_left: float | None
        seconds_left = self.seconds_left

        status = self.status.value

        total = self.total

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "differences": differences,
                "differing": differing,
                "done": done,
                "ended_at": ended_at,
                "id": id,
                "kind": kind,
                "problem": problem,
                "projection": projection,
                "rate": rate,
                "requested_at": requested_at,
                "requested_by": requested_by,
                "seconds_left": seconds_left,
                "status": status,
                "total": total,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.row_difference import RowDifference  # noqa: PLC0415

        d = dict(src_dict)
        differences = []
        _differences = d.pop("differences")
        for differences_item_data in _differences:
            differences_item = RowDifference.from_dict(differences_item_data)

            differences.append(differences_item)

        differing = d.pop("differing")

        done = d.pop("done")

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        id = d.pop("id")

        kind = MaintenanceJobKind(d.pop("kind"))

        def _parse_problem(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        problem = _parse_problem(d.pop("problem"))

        projection = d.pop("projection")

        def _parse_rate(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        rate = _parse_rate(d.pop("rate"))

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        requested_by = d.pop("requested_by")

        def _parse_seconds_left(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        seconds_left = _parse_seconds_left(d.pop("seconds_left"))

        status = MaintenanceJobStatus(d.pop("status"))

        total = d.pop("total")

        version = d.pop("version")

        maintenance_job = cls(
            differences=differences,
            differing=differing,
            done=done,
            ended_at=ended_at,
            id=id,
            kind=kind,
            problem=problem,
            projection=projection,
            rate=rate,
            requested_at=requested_at,
            requested_by=requested_by,
            seconds_left=seconds_left,
            status=status,
            total=total,
            version=version,
        )

        maintenance_job.additional_properties = d
        return maintenance_job

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
