from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="Product")


@_attrs_define
class Product:
    """A product; one that is not `stocked` needs no reservation, one that is `discontinued` cannot be ordered any
    more.

        Attributes:
            description (None | str): What the product is, in the seller's words.
            name (str): What it is called.
            price (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
            prices (list[Money]): What it costs in each currency that it can be ordered in; `price` comes first.
            sku (str): As the catalogue knows it; case-sensitive.
            stocked (bool): Whether it is kept in stock, and reserved for orders; false for postage and fees.
            discontinued (bool | Unset): Whether it is off sale: it cannot be ordered, and orders that are open go on.
                Default: False.
    """

    description: None | str
    name: str
    price: Money
    prices: list[Money]
    sku: str
    stocked: bool
    discontinued: bool | Unset = False
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        description: None | str
        description = self.description

        name = self.name

        price = self.price.to_dict()

        prices = []
        for prices_item_data in self.prices:
            prices_item = prices_item_data.to_dict()
            prices.append(prices_item)

        sku = self.sku

        stocked = self.stocked

        discontinued = self.discontinued

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "description": description,
                "name": name,
                "price": price,
                "prices": prices,
                "sku": sku,
                "stocked": stocked,
            }
        )
        if discontinued is not UNSET:
            field_dict["discontinued"] = discontinued

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        name = d.pop("name")

        price = Money.from_dict(d.pop("price"))

        prices = []
        _prices = d.pop("prices")
        for prices_item_data in _prices:
            prices_item = Money.from_dict(prices_item_data)

            prices.append(prices_item)

        sku = d.pop("sku")

        stocked = d.pop("stocked")

        discontinued = d.pop("discontinued", UNSET)

        product = cls(
            description=description,
            name=name,
            price=price,
            prices=prices,
            sku=sku,
            stocked=stocked,
            discontinued=discontinued,
        )

        product.additional_properties = d
        return product

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
