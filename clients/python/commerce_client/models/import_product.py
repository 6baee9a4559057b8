from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.price import Price


T = TypeVar("T", bound="ImportProduct")


@_attrs_define
class ImportProduct:
    """A line of an import of products: what `PUT /products/{sku}` takes, and the SKU.

    Attributes:
        name (str): What it is called.
        price (Price): An amount of money: a decimal in a string, with at most the currency's own number of minor
            digits.
        sku (str): As the catalogue is to know it; case-sensitive.
        description (None | str | Unset): What the product is, in the seller's words.
        prices (list[Price] | None | Unset): What it costs in each currency; left out, what it costs in others than that
            of `price` stays as it is.
        stocked (bool | Unset): Whether it is kept in stock, and reserved for orders; false for postage and fees.
            Default: True.
    """

    name: str
    price: Price
    sku: str
    description: None | str | Unset = UNSET
    prices: list[Price] | None | Unset = UNSET
    stocked: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        price = self.price.to_dict()

        sku = self.sku

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        prices: list[dict[str, Any]] | None | Unset
        if isinstance(self.prices, Unset):
            prices = UNSET
        elif isinstance(self.prices, list):
            prices = []
            for prices_type_0_item_data in self.prices:
                prices_type_0_item = prices_type_0_item_data.to_dict()
                prices.append(prices_type_0_item)

        else:
            prices = self.prices

        stocked = self.stocked

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "price": price,
                "sku": sku,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if prices is not UNSET:
            field_dict["prices"] = prices
        if stocked is not UNSET:
            field_dict["stocked"] = stocked

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price import Price  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        price = Price.from_dict(d.pop("price"))

        sku = d.pop("sku")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_prices(data: object) -> list[Price] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
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
            return cast(list[Price] | None | Unset, data)

        prices = _parse_prices(d.pop("prices", UNSET))

        stocked = d.pop("stocked", UNSET)

        import_product = cls(
            name=name,
            price=price,
            sku=sku,
            description=description,
            prices=prices,
            stocked=stocked,
        )

        return import_product
