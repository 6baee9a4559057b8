from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="StockMoved")


@_attrs_define
class StockMoved:
    """Pieces arrived, or the count was corrected.

    Attributes:
        position (int): The place in the log.
        quantity (int): How many pieces.
        sku (str): As the catalogue knows it; case-sensitive.
    """

    position: int
    quantity: int
    sku: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        position = self.position

        quantity = self.quantity

        sku = self.sku

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "position": position,
                "quantity": quantity,
                "sku": sku,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        position = d.pop("position")

        quantity = d.pop("quantity")

        sku = d.pop("sku")

        stock_moved = cls(
            position=position,
            quantity=quantity,
            sku=sku,
        )

        stock_moved.additional_properties = d
        return stock_moved

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
