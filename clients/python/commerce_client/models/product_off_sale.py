from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ProductOffSale")


@_attrs_define
class ProductOffSale:
    """The product cannot be ordered from now on.

    Attributes:
        discontinued (bool): Whether it is off sale: it cannot be ordered, and orders that are open go on.
        position (int): The place in the log.
        sku (str): As the catalogue knows it; case-sensitive.
        version (int): How many events its stream has; the `ETag` in `If-Match`.
    """

    discontinued: bool
    position: int
    sku: str
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        discontinued = self.discontinued

        position = self.position

        sku = self.sku

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "discontinued": discontinued,
                "position": position,
                "sku": sku,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        discontinued = d.pop("discontinued")

        position = d.pop("position")

        sku = d.pop("sku")

        version = d.pop("version")

        product_off_sale = cls(
            discontinued=discontinued,
            position=position,
            sku=sku,
            version=version,
        )

        product_off_sale.additional_properties = d
        return product_off_sale

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
