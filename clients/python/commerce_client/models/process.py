from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.stage import Stage
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.money import Money
    from ..models.step_status import StepStatus


T = TypeVar("T", bound="Process")


@_attrs_define
class Process:
    """What an order waits for, in plain words; `case` says what a person has to look at.

    Attributes:
        actions (list[str]): What may be done about it now: the last parts of the paths below
            `/ops/processes/{order_id}` and
            `/ops/cases/{order_id}`.
        case (None | str): What a person has to look at; null where nobody has to.
        definition (int | None): The version of the process's definition that the order began with, and ends under; null
            for customers.
        money_at_risk (Money | None): What of its money may be lost while nobody decides.
        next_ (None | str): What happens when that has come; null once nothing is waited for.
        order_id (UUID): The order.
        owner (None | str): Who looks after what is open about it.
        since (datetime.datetime | None): Since when.
        stage (Stage): How far a process is.
        until (datetime.datetime | None): When it is given up or looked at again by itself; null where nothing limits
            it. Customers are not told by when
            the shop wants to ship.
        version (int): How many events its process has; also its ETag.
        waiting_for (None | str): What is waited for; null once nothing is.
        why (None | str): Why the order is where it is; null for customers, like what follows.
        steps (list[StepStatus] | Unset): Its steps in their order, and what became of each; empty for customers, and in
            lists.
    """

    actions: list[str]
    case: None | str
    definition: int | None
    money_at_risk: Money | None
    next_: None | str
    order_id: UUID
    owner: None | str
    since: datetime.datetime | None
    stage: Stage
    until: datetime.datetime | None
    version: int
    waiting_for: None | str
    why: None | str
    steps: list[StepStatus] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.money import Money  # noqa: PLC0415

        actions = self.actions

        case: None | str
        case = self.case

        definition: int | None
        definition = self.definition

        money_at_risk: dict[str, Any] | None
        if isinstance(self.money_at_risk, Money):
            money_at_risk = self.money_at_risk.to_dict()
        else:
            money_at_risk = self.money_at_risk

        next_: None | str
        next_ = self.next_

        order_id = str(self.order_id)

        owner: None | str
        owner = self.owner

        since: None | str
        if isinstance(self.since, datetime.datetime):
            since = self.since.isoformat()
        else:
            since = self.since

        stage = self.stage.value

        until: None | str
        if isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        version = self.version

        waiting_for: None | str
        waiting_for = self.waiting_for

        why: None | str
        why = self.why

        steps: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.steps, Unset):
            steps = []
            for steps_item_data in self.steps:
                steps_item = steps_item_data.to_dict()
                steps.append(steps_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actions": actions,
                "case": case,
                "definition": definition,
                "money_at_risk": money_at_risk,
                "next": next_,
                "order_id": order_id,
                "owner": owner,
                "since": since,
                "stage": stage,
                "until": until,
                "version": version,
                "waiting_for": waiting_for,
                "why": why,
            }
        )
        if steps is not UNSET:
            field_dict["steps"] = steps

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415
        from ..models.step_status import StepStatus  # noqa: PLC0415

        d = dict(src_dict)
        actions = cast(list[str], d.pop("actions"))

        def _parse_case(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        case = _parse_case(d.pop("case"))

        def _parse_definition(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        definition = _parse_definition(d.pop("definition"))

        def _parse_money_at_risk(data: object) -> Money | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                money_at_risk_type_0 = Money.from_dict(data)

                return money_at_risk_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None, data)

        money_at_risk = _parse_money_at_risk(d.pop("money_at_risk"))

        def _parse_next_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_ = _parse_next_(d.pop("next"))

        order_id = UUID(d.pop("order_id"))

        def _parse_owner(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        owner = _parse_owner(d.pop("owner"))

        def _parse_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                since_type_0 = datetime.datetime.fromisoformat(data)

                return since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        since = _parse_since(d.pop("since"))

        stage = Stage(d.pop("stage"))

        def _parse_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data)

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        until = _parse_until(d.pop("until"))

        version = d.pop("version")

        def _parse_waiting_for(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        waiting_for = _parse_waiting_for(d.pop("waiting_for"))

        def _parse_why(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        why = _parse_why(d.pop("why"))

        _steps = d.pop("steps", UNSET)
        steps: list[StepStatus] | Unset = UNSET
        if _steps is not UNSET:
            steps = []
            for steps_item_data in _steps:
                steps_item = StepStatus.from_dict(steps_item_data)

                steps.append(steps_item)

        process = cls(
            actions=actions,
            case=case,
            definition=definition,
            money_at_risk=money_at_risk,
            next_=next_,
            order_id=order_id,
            owner=owner,
            since=since,
            stage=stage,
            until=until,
            version=version,
            waiting_for=waiting_for,
            why=why,
            steps=steps,
        )

        process.additional_properties = d
        return process

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
