from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="SoldSku")


@_attrs_define
class SoldSku:
    """Pieces of one SKU in an order, and what they cost together.

    Attributes:
        refunded (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        revenue (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        sku (str): As the catalogue knows it; case-sensitive.
        units (int): How many pieces.
    """

    refunded: Money
    revenue: Money
    sku: str
    units: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        refunded = self.refunded.to_dict()

        revenue = self.revenue.to_dict()

        sku = self.sku

        units = self.units

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "refunded": refunded,
                "revenue": revenue,
                "sku": sku,
                "units": units,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        refunded = Money.from_dict(d.pop("refunded"))

        revenue = Money.from_dict(d.pop("revenue"))

        sku = d.pop("sku")

        units = d.pop("units")

        sold_sku = cls(
            refunded=refunded,
            revenue=revenue,
            sku=sku,
            units=units,
        )

        sold_sku.additional_properties = d
        return sold_sku

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
