from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Certificate")


@_attrs_define
class Certificate:
    """What was erased, as an event in the log says for good.

    Attributes:
        address_released (bool): Whether there was an e-mail address that somebody else may register with now.
        keys (list[UUID]): Whose keys were destroyed: the person's, and those of single orders of theirs that had one.
        orders (int): Of how many orders the data is erased.
        position (int): The place in the log.
    """

    address_released: bool
    keys: list[UUID]
    orders: int
    position: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        address_released = self.address_released

        keys = []
        for keys_item_data in self.keys:
            keys_item = str(keys_item_data)
            keys.append(keys_item)

        orders = self.orders

        position = self.position

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "address_released": address_released,
                "keys": keys,
                "orders": orders,
                "position": position,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        address_released = d.pop("address_released")

        keys = []
        _keys = d.pop("keys")
        for keys_item_data in _keys:
            keys_item = UUID(keys_item_data)

            keys.append(keys_item)

        orders = d.pop("orders")

        position = d.pop("position")

        certificate = cls(
            address_released=address_released,
            keys=keys,
            orders=orders,
            position=position,
        )

        certificate.additional_properties = d
        return certificate

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
