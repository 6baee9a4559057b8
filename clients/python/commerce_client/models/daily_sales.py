from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="DailySales")


@_attrs_define
class DailySales:
    """What was sold on one day (UTC) in one currency.

    Attributes:
        day (datetime.date): A day in UTC.
        refunded (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        revenue (Money): An amount of one currency: a decimal, always with exactly the currency's minor digits.
        units (int): How many pieces.
    """

    day: datetime.date
    refunded: Money
    revenue: Money
    units: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        refunded = self.refunded.to_dict()

        revenue = self.revenue.to_dict()

        units = self.units

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "day": day,
                "refunded": refunded,
                "revenue": revenue,
                "units": units,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))

        refunded = Money.from_dict(d.pop("refunded"))

        revenue = Money.from_dict(d.pop("revenue"))

        units = d.pop("units")

        daily_sales = cls(
            day=day,
            refunded=refunded,
            revenue=revenue,
            units=units,
        )

        daily_sales.additional_properties = d
        return daily_sales

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
