"""A state is changed as `dataclasses.replace` does it, and the one before stays what it was."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import pytest

from commerce.catalog.product import Product
from commerce.eventstore import replace
from commerce.inventory.reservation import Reservation
from commerce.inventory.stock_item import StockItem
from commerce.ordering.order import Order, OrderStatus
from commerce.payments.payment import Payment
from commerce.saga.process import Process
from commerce.shipping.shipment import Shipment
from commerce.values.money import Money
from projections.orders import OrderRow

ORDER = Order(
    id=UUID(int=1),
    version=1,
    status=OrderStatus.PLACED,
    customer_id=None,
    currency="EUR",
    lines=(),
    total=Money.of("1", "EUR"),
    shipping_address="sealed",  # type: ignore[arg-type]
    payment_method="pm_card_ok",
)

KINDS = [Order, StockItem, Reservation, Payment, Shipment, Process, Product, OrderRow]


def test_a_changed_state_is_what_the_standard_library_makes_of_it() -> None:
    before = dataclasses.replace(ORDER)
    changes: dict[str, Any] = {"version": 2, "status": OrderStatus.REJECTED, "reason": "out_of_stock"}
    assert replace(ORDER, **changes) == dataclasses.replace(ORDER, **changes)
    assert before == ORDER


def test_a_changed_state_is_as_immutable_as_the_one_before() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(ORDER, version=2).version = 3  # type: ignore[misc]


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError):
        replace(ORDER, colour="red")  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", KINDS)
def test_each_field_is_changed_alone(kind: type[Any]) -> None:
    names = [field.name for field in dataclasses.fields(kind)]
    before = kind(**{name: f"the old {name}" for name in names})
    for changed in names:
        after = replace(before, **{changed: "new"})
        assert type(after) is kind
        assert [getattr(after, name) for name in names] == [
            "new" if name == changed else f"the old {name}" for name in names
        ]


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_made_by_their_fields_alone(kind: type[Any]) -> None:
    assert not hasattr(kind, "__post_init__")
    assert "__slots__" in vars(kind)
    assert all(field.init for field in dataclasses.fields(kind))
