from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Reading")


@_attrs_define
class Reading:
    """One look at others' data, with whose it was; the same within a minute is listed once.

    Attributes:
        actor (str): Who did it: role and subject, such as `operator:anna`.
        customers (list[UUID]): The customers that were shown.
        orders (list[UUID]): The orders that were shown.
        position (int): The place in the log.
        recorded_at (datetime.datetime): When it was recorded, by the database's clock.
        request_id (None | str): The request it came with; null for what the system did of its own accord.
        route (str): The method and path that were asked, with `{order_id}` and the like in the place of what was asked
            for.
        numbers (list[None | str] | Unset): What people call the orders, one after the other as in `orders`; null while
            the list of orders does not show
            one yet.
        who (None | str | Unset): Their name: the e-mail address of a member of staff, or how they are called otherwise;
            null where they are known
            by an id alone.
    """

    actor: str
    customers: list[UUID]
    orders: list[UUID]
    position: int
    recorded_at: datetime.datetime
    request_id: None | str
    route: str
    numbers: list[None | str] | Unset = UNSET
    who: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actor = self.actor

        customers = []
        for customers_item_data in self.customers:
            customers_item = str(customers_item_data)
            customers.append(customers_item)

        orders = []
        for orders_item_data in self.orders:
            orders_item = str(orders_item_data)
            orders.append(orders_item)

        position = self.position

        recorded_at = self.recorded_at.isoformat()

        request_id: None | str
        request_id = self.request_id

        route = self.route

        numbers: list[None | str] | Unset = UNSET
        if not isinstance(self.numbers, Unset):
            numbers = []
            for numbers_item_data in self.numbers:
                numbers_item: None | str
                numbers_item = numbers_item_data
                numbers.append(numbers_item)

        who: None | str | Unset
        if isinstance(self.who, Unset):
            who = UNSET
        else:
            who = self.who

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actor": actor,
                "customers": customers,
                "orders": orders,
                "position": position,
                "recorded_at": recorded_at,
                "request_id": request_id,
                "route": route,
            }
        )
        if numbers is not UNSET:
            field_dict["numbers"] = numbers
        if who is not UNSET:
            field_dict["who"] = who

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        actor = d.pop("actor")

        customers = []
        _customers = d.pop("customers")
        for customers_item_data in _customers:
            customers_item = UUID(customers_item_data)

            customers.append(customers_item)

        orders = []
        _orders = d.pop("orders")
        for orders_item_data in _orders:
            orders_item = UUID(orders_item_data)

            orders.append(orders_item)

        position = d.pop("position")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        def _parse_request_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        request_id = _parse_request_id(d.pop("request_id"))

        route = d.pop("route")

        _numbers = d.pop("numbers", UNSET)
        numbers: list[None | str] | Unset = UNSET
        if _numbers is not UNSET:
            numbers = []
            for numbers_item_data in _numbers:

                def _parse_numbers_item(data: object) -> None | str:
                    if data is None:
                        return data
                    return cast(None | str, data)

                numbers_item = _parse_numbers_item(numbers_item_data)

                numbers.append(numbers_item)

        def _parse_who(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        who = _parse_who(d.pop("who", UNSET))

        reading = cls(
            actor=actor,
            customers=customers,
            orders=orders,
            position=position,
            recorded_at=recorded_at,
            request_id=request_id,
            route=route,
            numbers=numbers,
            who=who,
        )

        reading.additional_properties = d
        return reading

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
