from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cases_of_kind import CasesOfKind
    from ..models.party_trouble import PartyTrouble
    from ..models.waiting_orders import WaitingOrders


T = TypeVar("T", bound="Attention")


@_attrs_define
class Attention:
    """What needs a person now, in numbers; it names no order and nobody.

    Attributes:
        cases (list[CasesOfKind]): The open cases by kind, the kind with the oldest first.
        overdue (int): How many orders wait past the time that their process set itself.
        parked_events (int): How many events are parked in them.
        parked_groups (int): How many groups of parked events there are.
        parties (list[PartyTrouble]): Who outside cannot be asked.
        problem (None | str): Why cases and overdue orders cannot be told now, and count as none above; null where they
            can.
        tampering (int | None): How many things the last verification of the log found that are not as they were signed;
            null before the
            first.
        to_deliver (None | WaitingOrders): The orders that are on their way; null where that cannot be told now.
        to_ship (None | WaitingOrders): The confirmed orders that wait for their dispatch; null where that cannot be
            told now.
    """

    cases: list[CasesOfKind]
    overdue: int
    parked_events: int
    parked_groups: int
    parties: list[PartyTrouble]
    problem: None | str
    tampering: int | None
    to_deliver: None | WaitingOrders
    to_ship: None | WaitingOrders
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.waiting_orders import WaitingOrders  # noqa: PLC0415

        cases = []
        for cases_item_data in self.cases:
            cases_item = cases_item_data.to_dict()
            cases.append(cases_item)

        overdue = self.overdue

        parked_events = self.parked_events

        parked_groups = self.parked_groups

        parties = []
        for parties_item_data in self.parties:
            parties_item = parties_item_data.to_dict()
            parties.append(parties_item)

        problem: None | str
        problem = self.problem

        tampering: int | None
        tampering = self.tampering

        to_deliver: dict[str, Any] | None
        if isinstance(self.to_deliver, WaitingOrders):
            to_deliver = self.to_deliver.to_dict()
        else:
            to_deliver = self.to_deliver

        to_ship: dict[str, Any] | None
        if isinstance(self.to_ship, WaitingOrders):
            to_ship = self.to_ship.to_dict()
        else:
            to_ship = self.to_ship

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cases": cases,
                "overdue": overdue,
                "parked_events": parked_events,
                "parked_groups": parked_groups,
                "parties": parties,
                "problem": problem,
                "tampering": tampering,
                "to_deliver": to_deliver,
                "to_ship": to_ship,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cases_of_kind import CasesOfKind  # noqa: PLC0415
        from ..models.party_trouble import PartyTrouble  # noqa: PLC0415
        from ..models.waiting_orders import WaitingOrders  # noqa: PLC0415

        d = dict(src_dict)
        cases = []
        _cases = d.pop("cases")
        for cases_item_data in _cases:
            cases_item = CasesOfKind.from_dict(cases_item_data)

            cases.append(cases_item)

        overdue = d.pop("overdue")

        parked_events = d.pop("parked_events")

        parked_groups = d.pop("parked_groups")

        parties = []
        _parties = d.pop("parties")
        for parties_item_data in _parties:
            parties_item = PartyTrouble.from_dict(parties_item_data)

            parties.append(parties_item)

        def _parse_problem(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        problem = _parse_problem(d.pop("problem"))

        def _parse_tampering(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        tampering = _parse_tampering(d.pop("tampering"))

        def _parse_to_deliver(data: object) -> None | WaitingOrders:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                to_deliver_type_0 = WaitingOrders.from_dict(data)

                return to_deliver_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WaitingOrders, data)

        to_deliver = _parse_to_deliver(d.pop("to_deliver"))

        def _parse_to_ship(data: object) -> None | WaitingOrders:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                to_ship_type_0 = WaitingOrders.from_dict(data)

                return to_ship_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WaitingOrders, data)

        to_ship = _parse_to_ship(d.pop("to_ship"))

        attention = cls(
            cases=cases,
            overdue=overdue,
            parked_events=parked_events,
            parked_groups=parked_groups,
            parties=parties,
            problem=problem,
            tampering=tampering,
            to_deliver=to_deliver,
            to_ship=to_ship,
        )

        attention.additional_properties = d
        return attention

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
