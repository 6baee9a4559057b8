from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.price import Price


T = TypeVar("T", bound="PutProduct")


@_attrs_define
class PutProduct:
    """A product; one that is not `stocked` (postage, a fee) is never reserved.

    Attributes:
        name (str): What it is called.
        price (Price): An amount of money: a decimal in a string, with at most the currency's own number of minor
            digits.
        description (None | str | Unset): What the product is, in the seller's words.
        stocked (bool | Unset): Whether it is kept in stock, and reserved for orders; false for postage and fees.
            Default: True.
    """

    name: str
    price: Price
    description: None | str | Unset = UNSET
    stocked: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        price = self.price.to_dict()

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        stocked = self.stocked

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "price": price,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if stocked is not UNSET:
            field_dict["stocked"] = stocked

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price import Price  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        price = Price.from_dict(d.pop("price"))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        stocked = d.pop("stocked", UNSET)

        put_product = cls(
            name=name,
            price=price,
            description=description,
            stocked=stocked,
        )

        return put_product
