from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.customer import Customer
    from ..models.exported_access import ExportedAccess
    from ..models.exported_order import ExportedOrder
    from ..models.item import Item


T = TypeVar("T", bound="PersonExport")


@_attrs_define
class PersonExport:
    """Everything about a customer.

    Attributes:
        accesses (list[ExportedAccess]): Who looked at their data, oldest first.
        customer (Customer | None): Who they are; null for a customer without an account.
        events (list[Item]): What happened to their account, oldest first: registration, logins, changes, mails.
        orders (list[ExportedOrder]): Their orders, newest first.
    """

    accesses: list[ExportedAccess]
    customer: Customer | None
    events: list[Item]
    orders: list[ExportedOrder]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.customer import Customer  # noqa: PLC0415

        accesses = []
        for accesses_item_data in self.accesses:
            accesses_item = accesses_item_data.to_dict()
            accesses.append(accesses_item)

        customer: dict[str, Any] | None
        if isinstance(self.customer, Customer):
            customer = self.customer.to_dict()
        else:
            customer = self.customer

        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)

        orders = []
        for orders_item_data in self.orders:
            orders_item = orders_item_data.to_dict()
            orders.append(orders_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "accesses": accesses,
                "customer": customer,
                "events": events,
                "orders": orders,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.customer import Customer  # noqa: PLC0415
        from ..models.exported_access import ExportedAccess  # noqa: PLC0415
        from ..models.exported_order import ExportedOrder  # noqa: PLC0415
        from ..models.item import Item  # noqa: PLC0415

        d = dict(src_dict)
        accesses = []
        _accesses = d.pop("accesses")
        for accesses_item_data in _accesses:
            accesses_item = ExportedAccess.from_dict(accesses_item_data)

            accesses.append(accesses_item)

        def _parse_customer(data: object) -> Customer | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                customer_type_0 = Customer.from_dict(data)

                return customer_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Customer | None, data)

        customer = _parse_customer(d.pop("customer"))

        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = Item.from_dict(events_item_data)

            events.append(events_item)

        orders = []
        _orders = d.pop("orders")
        for orders_item_data in _orders:
            orders_item = ExportedOrder.from_dict(orders_item_data)

            orders.append(orders_item)

        person_export = cls(
            accesses=accesses,
            customer=customer,
            events=events,
            orders=orders,
        )

        person_export.additional_properties = d
        return person_export

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
