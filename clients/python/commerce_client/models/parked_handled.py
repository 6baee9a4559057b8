from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ParkedHandled")


@_attrs_define
class ParkedHandled:
    """The subscription has carried the decision out.

    Attributes:
        group (str): The group.
        position (int): Where the decision stands in the log.
        positions (list[int]): The events that it is about; at most 500, so that a larger group takes several.
        still_parked (list[int]): Those of the events that failed again, and are parked.
        subscription (str): Which subscription it concerns.
    """

    group: str
    position: int
    positions: list[int]
    still_parked: list[int]
    subscription: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        group = self.group

        position = self.position

        positions = self.positions

        still_parked = self.still_parked

        subscription = self.subscription

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "group": group,
                "position": position,
                "positions": positions,
                "still_parked": still_parked,
                "subscription": subscription,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        group = d.pop("group")

        position = d.pop("position")

        positions = cast(list[int], d.pop("positions"))

        still_parked = cast(list[int], d.pop("still_parked"))

        subscription = d.pop("subscription")

        parked_handled = cls(
            group=group,
            position=position,
            positions=positions,
            still_parked=still_parked,
            subscription=subscription,
        )

        parked_handled.additional_properties = d
        return parked_handled

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
