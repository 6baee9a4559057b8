from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.shipment_status import ShipmentStatus

T = TypeVar("T", bound="ShipmentMoved")


@_attrs_define
class ShipmentMoved:
    """The shipment left, or arrived.

    Attributes:
        order_id (UUID): The order.
        position (int): The place in the log.
        shipment_id (UUID): The shipment; its dispatch and delivery are reported under this id.
        status (ShipmentStatus): Where a shipment stands; a name in -ing has an attempt without an outcome.
        version (int): How many events its stream has; the `ETag` in `If-Match`.
    """

    order_id: UUID
    position: int
    shipment_id: UUID
    status: ShipmentStatus
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        order_id = str(self.order_id)

        position = self.position

        shipment_id = str(self.shipment_id)

        status = self.status.value

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "order_id": order_id,
                "position": position,
                "shipment_id": shipment_id,
                "status": status,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        order_id = UUID(d.pop("order_id"))

        position = d.pop("position")

        shipment_id = UUID(d.pop("shipment_id"))

        status = ShipmentStatus(d.pop("status"))

        version = d.pop("version")

        shipment_moved = cls(
            order_id=order_id,
            position=position,
            shipment_id=shipment_id,
            status=status,
            version=version,
        )

        shipment_moved.additional_properties = d
        return shipment_moved

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
