from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.price import Price


T = TypeVar("T", bound="ImportPrice")


@_attrs_define
class ImportPrice:
    """A line of an import of prices: what a product costs in one currency from now on.

    Attributes:
        price (Price): An amount of money: a decimal in a string, with at most the currency's own number of minor
            digits.
        sku (str): As the catalogue knows it; case-sensitive.
    """

    price: Price
    sku: str

    def to_dict(self) -> dict[str, Any]:
        price = self.price.to_dict()

        sku = self.sku

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "price": price,
                "sku": sku,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price import Price  # noqa: PLC0415

        d = dict(src_dict)
        price = Price.from_dict(d.pop("price"))

        sku = d.pop("sku")

        import_price = cls(
            price=price,
            sku=sku,
        )

        return import_price
