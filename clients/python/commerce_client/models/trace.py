from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.traced_request import TracedRequest


T = TypeVar("T", bound="Trace")


@_attrs_define
class Trace:
    """The whole of one order: `seconds` from its first event to its last.

    Attributes:
        events (int): How many events the order has.
        order_id (UUID): The order.
        requests (list[TracedRequest]): What was asked for, and what each request led to.
        seconds (float): The seconds from the order's first event to its last.
    """

    events: int
    order_id: UUID
    requests: list[TracedRequest]
    seconds: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        events = self.events

        order_id = str(self.order_id)

        requests = []
        for requests_item_data in self.requests:
            requests_item = requests_item_data.to_dict()
            requests.append(requests_item)

        seconds = self.seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "events": events,
                "order_id": order_id,
                "requests": requests,
                "seconds": seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.traced_request import TracedRequest  # noqa: PLC0415

        d = dict(src_dict)
        events = d.pop("events")

        order_id = UUID(d.pop("order_id"))

        requests = []
        _requests = d.pop("requests")
        for requests_item_data in _requests:
            requests_item = TracedRequest.from_dict(requests_item_data)

            requests.append(requests_item)

        seconds = d.pop("seconds")

        trace = cls(
            events=events,
            order_id=order_id,
            requests=requests,
            seconds=seconds,
        )

        trace.additional_properties = d
        return trace

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
