from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.price import Price


T = TypeVar("T", bound="ProductPut")


@_attrs_define
class ProductPut:
    """The product as it is from now on.

    Attributes:
        description (None | str): What the product is, in the seller's words.
        name (str): What it is called.
        position (int): The place in the log.
        price (Price): An amount of money: a decimal in a string, with at most the currency's own number of minor
            digits.
        prices (list[Price] | None): What it costs in each currency, as it was sent; null where only `price` was.
        sku (str): As the catalogue knows it; case-sensitive.
        stocked (bool): Whether it is kept in stock, and reserved for orders; false for postage and fees.
        version (int): How many events its stream has; the `ETag` in `If-Match`.
    """

    description: None | str
    name: str
    position: int
    price: Price
    prices: list[Price] | None
    sku: str
    stocked: bool
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        description: None | str
        description = self.description

        name = self.name

        position = self.position

        price = self.price.to_dict()

        prices: list[dict[str, Any]] | None
        if isinstance(self.prices, list):
            prices = []
            for prices_type_0_item_data in self.prices:
                prices_type_0_item = prices_type_0_item_data.to_dict()
                prices.append(prices_type_0_item)

        else:
            prices = self.prices

        sku = self.sku

        stocked = self.stocked

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "description": description,
                "name": name,
                "position": position,
                "price": price,
                "prices": prices,
                "sku": sku,
                "stocked": stocked,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price import Price  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        name = d.pop("name")

        position = d.pop("position")

        price = Price.from_dict(d.pop("price"))

        def _parse_prices(data: object) -> list[Price] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                prices_type_0 = []
                _prices_type_0 = data
                for prices_type_0_item_data in _prices_type_0:
                    prices_type_0_item = Price.from_dict(prices_type_0_item_data)

                    prices_type_0.append(prices_type_0_item)

                return prices_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Price] | None, data)

        prices = _parse_prices(d.pop("prices"))

        sku = d.pop("sku")

        stocked = d.pop("stocked")

        version = d.pop("version")

        product_put = cls(
            description=description,
            name=name,
            position=position,
            price=price,
            prices=prices,
            sku=sku,
            stocked=stocked,
            version=version,
        )

        product_put.additional_properties = d
        return product_put

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
