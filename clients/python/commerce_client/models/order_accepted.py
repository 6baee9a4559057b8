from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.order_status import OrderStatus

T = TypeVar("T", bound="OrderAccepted")


@_attrs_define
class OrderAccepted:
    """A command on an order was recorded; what follows from it happens afterwards.

    Attributes:
        number (str): Its number, for people: short, and made so that it can be read out and a slip shows.
        order_id (UUID): The order.
        position (int): The place in the log.
        status (OrderStatus): Where an order stands, as clients see it.
        version (int): How many events its stream has; the `ETag` in `If-Match`.
    """

    number: str
    order_id: UUID
    position: int
    status: OrderStatus
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        order_id = str(self.order_id)

        position = self.position

        status = self.status.value

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "number": number,
                "order_id": order_id,
                "position": position,
                "status": status,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        number = d.pop("number")

        order_id = UUID(d.pop("order_id"))

        position = d.pop("position")

        status = OrderStatus(d.pop("status"))

        version = d.pop("version")

        order_accepted = cls(
            number=number,
            order_id=order_id,
            position=position,
            status=status,
            version=version,
        )

        order_accepted.additional_properties = d
        return order_accepted

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
