from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="OrderLine")


@_attrs_define
class OrderLine:
    """A line of an order, as clients see it.

    Attributes:
        name (str): What it is called.
        price_overridden (bool): Whether the price was set with the order, and is not the catalogue's.
        quantity (int): How many pieces.
        sku (str): As the catalogue knows it; case-sensitive.
        total (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        unit_price (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
    """

    name: str
    price_overridden: bool
    quantity: int
    sku: str
    total: Money
    unit_price: Money
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        price_overridden = self.price_overridden

        quantity = self.quantity

        sku = self.sku

        total = self.total.to_dict()

        unit_price = self.unit_price.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "price_overridden": price_overridden,
                "quantity": quantity,
                "sku": sku,
                "total": total,
                "unit_price": unit_price,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        price_overridden = d.pop("price_overridden")

        quantity = d.pop("quantity")

        sku = d.pop("sku")

        total = Money.from_dict(d.pop("total"))

        unit_price = Money.from_dict(d.pop("unit_price"))

        order_line = cls(
            name=name,
            price_overridden=price_overridden,
            quantity=quantity,
            sku=sku,
            total=total,
            unit_price=unit_price,
        )

        order_line.additional_properties = d
        return order_line

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
