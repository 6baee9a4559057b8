from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.proved_event import ProvedEvent


T = TypeVar("T", bound="OrderProof")


@_attrs_define
class OrderProof:
    """What `scripts/check_proof.py` checks against a tree head.

    Attributes:
        events (list[ProvedEvent]): All events about the order, in the order of the log.
        format_ (str): The form of this document.
        order_id (UUID): The order whose events are proved.
        tree_size (int): The size of the tree whose head it is checked against.
    """

    events: list[ProvedEvent]
    format_: str
    order_id: UUID
    tree_size: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)

        format_ = self.format_

        order_id = str(self.order_id)

        tree_size = self.tree_size

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "events": events,
                "format": format_,
                "order_id": order_id,
                "tree_size": tree_size,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.proved_event import ProvedEvent  # noqa: PLC0415

        d = dict(src_dict)
        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = ProvedEvent.from_dict(events_item_data)

            events.append(events_item)

        format_ = d.pop("format")

        order_id = UUID(d.pop("order_id"))

        tree_size = d.pop("tree_size")

        order_proof = cls(
            events=events,
            format_=format_,
            order_id=order_id,
            tree_size=tree_size,
        )

        order_proof.additional_properties = d
        return order_proof

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
