from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.health_status import HealthStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.health_behind import HealthBehind
    from ..models.health_parked_type_0 import HealthParkedType0
    from ..models.health_problems import HealthProblems
    from ..models.health_standing_still_type_0 import HealthStandingStillType0


T = TypeVar("T", bound="Health")


@_attrs_define
class Health:
    """`failing`: a part does not work. `degraded`: all parts work, but a subscription stands still or has parked
    events.

        Attributes:
            behind (HealthBehind | Unset): How many events each read model is behind at most, by its name.
            parked (HealthParkedType0 | None | Unset): How many events each subscription has parked, as it cannot handle
                them; left out where nothing is parked.
            problems (HealthProblems | Unset): What does not work, by the name of the part.
            standing_still (HealthStandingStillType0 | None | Unset): Which subscription cannot handle an event, where, why
                and since when; left out where none stands still.
            status (HealthStatus | Unset): Where it stands. Default: HealthStatus.OK.
    """

    behind: HealthBehind | Unset = UNSET
    parked: HealthParkedType0 | None | Unset = UNSET
    problems: HealthProblems | Unset = UNSET
    standing_still: HealthStandingStillType0 | None | Unset = UNSET
    status: HealthStatus | Unset = HealthStatus.OK
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.health_parked_type_0 import HealthParkedType0  # noqa: PLC0415
        from ..models.health_standing_still_type_0 import HealthStandingStillType0  # noqa: PLC0415

        behind: dict[str, Any] | Unset = UNSET
        if not isinstance(self.behind, Unset):
            behind = self.behind.to_dict()

        parked: dict[str, Any] | None | Unset
        if isinstance(self.parked, Unset):
            parked = UNSET
        elif isinstance(self.parked, HealthParkedType0):
            parked = self.parked.to_dict()
        else:
            parked = self.parked

        problems: dict[str, Any] | Unset = UNSET
        if not isinstance(self.problems, Unset):
            problems = self.problems.to_dict()

        standing_still: dict[str, Any] | None | Unset
        if isinstance(self.standing_still, Unset):
            standing_still = UNSET
        elif isinstance(self.standing_still, HealthStandingStillType0):
            standing_still = self.standing_still.to_dict()
        else:
            standing_still = self.standing_still

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if behind is not UNSET:
            field_dict["behind"] = behind
        if parked is not UNSET:
            field_dict["parked"] = parked
        if problems is not UNSET:
            field_dict["problems"] = problems
        if standing_still is not UNSET:
            field_dict["standing_still"] = standing_still
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.health_behind import HealthBehind  # noqa: PLC0415
        from ..models.health_parked_type_0 import HealthParkedType0  # noqa: PLC0415
        from ..models.health_problems import HealthProblems  # noqa: PLC0415
        from ..models.health_standing_still_type_0 import HealthStandingStillType0  # noqa: PLC0415

        d = dict(src_dict)
        _behind = d.pop("behind", UNSET)
        behind: HealthBehind | Unset
        if isinstance(_behind, Unset):
            behind = UNSET
        else:
            behind = HealthBehind.from_dict(_behind)

        def _parse_parked(data: object) -> HealthParkedType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                parked_type_0 = HealthParkedType0.from_dict(data)

                return parked_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(HealthParkedType0 | None | Unset, data)

        parked = _parse_parked(d.pop("parked", UNSET))

        _problems = d.pop("problems", UNSET)
        problems: HealthProblems | Unset
        if isinstance(_problems, Unset):
            problems = UNSET
        else:
            problems = HealthProblems.from_dict(_problems)

        def _parse_standing_still(data: object) -> HealthStandingStillType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                standing_still_type_0 = HealthStandingStillType0.from_dict(data)

                return standing_still_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(HealthStandingStillType0 | None | Unset, data)

        standing_still = _parse_standing_still(d.pop("standing_still", UNSET))

        _status = d.pop("status", UNSET)
        status: HealthStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = HealthStatus(_status)

        health = cls(
            behind=behind,
            parked=parked,
            problems=problems,
            standing_still=standing_still,
            status=status,
        )

        health.additional_properties = d
        return health

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
