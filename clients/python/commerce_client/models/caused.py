from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.item import Item


T = TypeVar("T", bound="Caused")


@_attrs_define
class Caused:
    """An event, how long after its cause it was recorded, and what it caused itself.

    Attributes:
        caused (list[Caused]): What followed from it.
        event (Item): One event; `causation_id` is the position of the event it follows from.
        seconds_after_cause (float): How long after its cause it was recorded, in seconds.
    """

    caused: list[Caused]
    event: Item
    seconds_after_cause: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        caused = []
        for caused_item_data in self.caused:
            caused_item = caused_item_data.to_dict()
            caused.append(caused_item)

        event = self.event.to_dict()

        seconds_after_cause = self.seconds_after_cause

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "caused": caused,
                "event": event,
                "seconds_after_cause": seconds_after_cause,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.item import Item  # noqa: PLC0415

        d = dict(src_dict)
        caused = []
        _caused = d.pop("caused")
        for caused_item_data in _caused:
            caused_item = Caused.from_dict(caused_item_data)

            caused.append(caused_item)

        event = Item.from_dict(d.pop("event"))

        seconds_after_cause = d.pop("seconds_after_cause")

        caused = cls(
            caused=caused,
            event=event,
            seconds_after_cause=seconds_after_cause,
        )

        caused.additional_properties = d
        return caused

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
