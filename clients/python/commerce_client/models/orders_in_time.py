from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.orders_in_time_rejections import OrdersInTimeRejections
    from ..models.orders_in_time_statuses import OrdersInTimeStatuses


T = TypeVar("T", bound="OrdersInTime")


@_attrs_define
class OrdersInTime:
    """The orders that were placed within a minute, an hour or a day (UTC), by where they stand now.

    Attributes:
        begin (datetime.datetime): When it begins.
        orders (int): How many were placed.
        rejections (OrdersInTimeRejections): How many of them were rejected for which reason.
        statuses (OrdersInTimeStatuses): How many of them stand where.
    """

    begin: datetime.datetime
    orders: int
    rejections: OrdersInTimeRejections
    statuses: OrdersInTimeStatuses
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        begin = self.begin.isoformat()

        orders = self.orders

        rejections = self.rejections.to_dict()

        statuses = self.statuses.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "begin": begin,
                "orders": orders,
                "rejections": rejections,
                "statuses": statuses,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.orders_in_time_rejections import OrdersInTimeRejections  # noqa: PLC0415
        from ..models.orders_in_time_statuses import OrdersInTimeStatuses  # noqa: PLC0415

        d = dict(src_dict)
        begin = datetime.datetime.fromisoformat(d.pop("begin"))

        orders = d.pop("orders")

        rejections = OrdersInTimeRejections.from_dict(d.pop("rejections"))

        statuses = OrdersInTimeStatuses.from_dict(d.pop("statuses"))

        orders_in_time = cls(
            begin=begin,
            orders=orders,
            rejections=rejections,
            statuses=statuses,
        )

        orders_in_time.additional_properties = d
        return orders_in_time

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
