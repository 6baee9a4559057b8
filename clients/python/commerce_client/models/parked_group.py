from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ParkedGroup")


@_attrs_define
class ParkedGroup:
    """Parked events of one subscription whose errors are of one kind and were raised at one place in the code.

    Attributes:
        error (str): The kind of the error.
        events (int): How many events failed.
        first_at (datetime.datetime): Since when the first one has been parked.
        first_position (int): Where the first one stands in the log.
        group (str): What the group is called.
        last_at (datetime.datetime): When one failed last.
        last_position (int): Where the last one stands in the log.
        place (str): The place in our code that raised it: module, function and line.
        problem (str): What the error said that came last.
        sequences (int): How many sequences wait, such as orders.
        subscription (str): The subscription that cannot handle them, or the consumer.
        waiting (int): How many later events wait behind them.
    """

    error: str
    events: int
    first_at: datetime.datetime
    first_position: int
    group: str
    last_at: datetime.datetime
    last_position: int
    place: str
    problem: str
    sequences: int
    subscription: str
    waiting: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error = self.error

        events = self.events

        first_at = self.first_at.isoformat()

        first_position = self.first_position

        group = self.group

        last_at = self.last_at.isoformat()

        last_position = self.last_position

        place = self.place

        problem = self.problem

        sequences = self.sequences

        subscription = self.subscription

        waiting = self.waiting

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "error": error,
                "events": events,
                "first_at": first_at,
                "first_position": first_position,
                "group": group,
                "last_at": last_at,
                "last_position": last_position,
                "place": place,
                "problem": problem,
                "sequences": sequences,
                "subscription": subscription,
                "waiting": waiting,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        error = d.pop("error")

        events = d.pop("events")

        first_at = datetime.datetime.fromisoformat(d.pop("first_at"))

        first_position = d.pop("first_position")

        group = d.pop("group")

        last_at = datetime.datetime.fromisoformat(d.pop("last_at"))

        last_position = d.pop("last_position")

        place = d.pop("place")

        problem = d.pop("problem")

        sequences = d.pop("sequences")

        subscription = d.pop("subscription")

        waiting = d.pop("waiting")

        parked_group = cls(
            error=error,
            events=events,
            first_at=first_at,
            first_position=first_position,
            group=group,
            last_at=last_at,
            last_position=last_position,
            place=place,
            problem=problem,
            sequences=sequences,
            subscription=subscription,
            waiting=waiting,
        )

        parked_group.additional_properties = d
        return parked_group

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
