from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SubscriptionLag")


@_attrs_define
class SubscriptionLag:
    """How far one partition of a subscription has come; `lag` is in events, `seconds` the age of the oldest of
    them.

    One that stands still has a `problem`: the event that it cannot handle, why, and since when.

        Attributes:
            head (int): The position of the newest event in the log.
            is_counted (bool): Whether the events that concern it were counted. They are not where more than 10,000 events
                lie between
                `position` and `head`, nor for what is neither a read model nor the saga nor the inventory: then these are the
                `lag`.
            is_read_model (bool): Whether queries are answered from what it keeps.
            lag (int): How many events it has not taken up; where `is_counted` is false, at most so many.
            name (str): The subscription of the log.
            partition (int): Which part of the subscription's work; each has a position of its own.
            position (int): How far it has come in the log.
            problem (None | str): What keeps it from going on; null where nothing does.
            seconds (float): The age in seconds of the oldest event it has not taken up; 0 where there is none. Where
                `is_counted` is false,
                it may be younger.
    """

    head: int
    is_counted: bool
    is_read_model: bool
    lag: int
    name: str
    partition: int
    position: int
    problem: None | str
    seconds: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        head = self.head

        is_counted = self.is_counted

        is_read_model = self.is_read_model

        lag = self.lag

        name = self.name

        partition = self.partition

        position = self.position

        problem: None | str
        problem = self.problem

        seconds = self.seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "head": head,
                "is_counted": is_counted,
                "is_read_model": is_read_model,
                "lag": lag,
                "name": name,
                "partition": partition,
                "position": position,
                "problem": problem,
                "seconds": seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        head = d.pop("head")

        is_counted = d.pop("is_counted")

        is_read_model = d.pop("is_read_model")

        lag = d.pop("lag")

        name = d.pop("name")

        partition = d.pop("partition")

        position = d.pop("position")

        def _parse_problem(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        problem = _parse_problem(d.pop("problem"))

        seconds = d.pop("seconds")

        subscription_lag = cls(
            head=head,
            is_counted=is_counted,
            is_read_model=is_read_model,
            lag=lag,
            name=name,
            partition=partition,
            position=position,
            problem=problem,
            seconds=seconds,
        )

        subscription_lag.additional_properties = d
        return subscription_lag

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
