from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.price import Price


T = TypeVar("T", bound="OrderLineRequest")


@_attrs_define
class OrderLineRequest:
    """A SKU and how many pieces of it; only `operator` and `service` may set another price than the catalogue's.

    Attributes:
        quantity (int): How many pieces.
        sku (str): As the catalogue knows it; case-sensitive.
        unit_price (None | Price | Unset): The catalogue's where it is left out; only `operator` and `service` may set
            it.
    """

    quantity: int
    sku: str
    unit_price: None | Price | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.price import Price  # noqa: PLC0415

        quantity = self.quantity

        sku = self.sku

        unit_price: dict[str, Any] | None | Unset
        if isinstance(self.unit_price, Unset):
            unit_price = UNSET
        elif isinstance(self.unit_price, Price):
            unit_price = self.unit_price.to_dict()
        else:
            unit_price = self.unit_price

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "quantity": quantity,
                "sku": sku,
            }
        )
        if unit_price is not UNSET:
            field_dict["unit_price"] = unit_price

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price import Price  # noqa: PLC0415

        d = dict(src_dict)
        quantity = d.pop("quantity")

        sku = d.pop("sku")

        def _parse_unit_price(data: object) -> None | Price | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                unit_price_type_0 = Price.from_dict(data)

                return unit_price_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Price | Unset, data)

        unit_price = _parse_unit_price(d.pop("unit_price", UNSET))

        order_line_request = cls(
            quantity=quantity,
            sku=sku,
            unit_price=unit_price,
        )

        return order_line_request
