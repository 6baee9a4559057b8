from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.log_verification_status import LogVerificationStatus

if TYPE_CHECKING:
    from ..models.log_finding import LogFinding


T = TypeVar("T", bound="LogVerification")


@_attrs_define
class LogVerification:
    """A comparison of the whole log with what was signed of it, and how far it is.

    `done` of `total` counts events. `differing` things were found to be wrong; the first of them are `findings`. One
    that `failed` has ended with a `problem`, and says nothing about the log.

        Attributes:
            differing (int): How many things were found to be wrong.
            done (int): How many of `total` are done.
            ended_at (datetime.datetime | None): When it ended; null while it is under way.
            findings (list[LogFinding]): The first of them.
            id (int): Its number.
            problem (None | str): What keeps it from going on; null where nothing does.
            rate (float | None): How many are done in a second; null before that is known.
            requested_at (datetime.datetime): When somebody asked for it.
            requested_by (str): Who asked for it.
            seconds_left (float | None): For how many seconds it still runs, at this rate; null before that is known.
            status (LogVerificationStatus): Where it stands.
            total (int): How many events there are.
    """

    differing: int
    done: int
    ended_at: datetime.datetime | None
    findings: list[LogFinding]
    id: int
    problem: None | str
    rate: float | None
    requested_at: datetime.datetime
    requested_by: str
    seconds_left: float | None
    status: LogVerificationStatus
    total: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        differing = self.differing

        done = self.done

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        findings = []
        for findings_item_data in self.findings:
            findings_item = findings_item_data.to_dict()
            findings.append(findings_item)

        id = self.id

        problem: None | str
        problem = self.problem

        rate: float | None
        rate = self.rate

        requested_at = self.requested_at.isoformat()

        requested_by = self.requested_by

        seconds_left: float | None
        seconds_left = self.seconds_left

        status = self.status.value

        total = self.total

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "differing": differing,
                "done": done,
                "ended_at": ended_at,
                "findings": findings,
                "id": id,
                "problem": problem,
                "rate": rate,
                "requested_at": requested_at,
                "requested_by": requested_by,
                "seconds_left": seconds_left,
                "status": status,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.log_finding import LogFinding  # noqa: PLC0415

        d = dict(src_dict)
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

        findings = []
        _findings = d.pop("findings")
        for findings_item_data in _findings:
            findings_item = LogFinding.from_dict(findings_item_data)

            findings.append(findings_item)

        id = d.pop("id")

        def _parse_problem(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        problem = _parse_problem(d.pop("problem"))

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

        status = LogVerificationStatus(d.pop("status"))

        total = d.pop("total")

        log_verification = cls(
            differing=differing,
            done=done,
            ended_at=ended_at,
            findings=findings,
            id=id,
            problem=problem,
            rate=rate,
            requested_at=requested_at,
            requested_by=requested_by,
            seconds_left=seconds_left,
            status=status,
            total=total,
        )

        log_verification.additional_properties = d
        return log_verification

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
