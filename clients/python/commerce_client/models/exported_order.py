from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.item import Item
    from ..models.order import Order


T = TypeVar("T", bound="ExportedOrder")


@_attrs_define
class ExportedOrder:
    """An order, and what happened to it.

    Attributes:
        events (list[Item]): Its timeline, as its customer sees it.
        order (Order): An order; where `personal_data` is not `readable`, what is personal is null.

            `reason` says why the order was rejected, `cancellation_refused` why the last request to cancel it was.
    """

    events: list[Item]
    order: Order
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)

        order = self.order.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "events": events,
                "order": order,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.item import Item  # noqa: PLC0415
        from ..models.order import Order  # noqa: PLC0415

        d = dict(src_dict)
        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = Item.from_dict(events_item_data)

            events.append(events_item)

        order = Order.from_dict(d.pop("order"))

        exported_order = cls(
            events=events,
            order=order,
        )

        exported_order.additional_properties = d
        return exported_order

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
