"""An order shows disputes about its payment, and goes on as if there were none."""

from __future__ import annotations

from uuid import UUID

import pytest

from commerce.eventstore import Event, Sealed, in_stream
from commerce.ordering.disputes import OrderDispute, note_dispute, note_dispute_closed
from commerce.ordering.events import OrderPlaced, OrderRejected
from commerce.ordering.order import Order, fold
from commerce.values.money import Money
from commerce.values.order_line import OrderLine

TEN = Money.of("10.00", "EUR")
PLACED = OrderPlaced(
    customer_id=None,
    currency="EUR",
    lines=(OrderLine(sku="cup", name="A cup", quantity=1, unit_price=TEN),),
    total=TEN,
    shipping_address=Sealed("sealed"),
    payment_method="pm_card_ok",
)
TOLD = OrderDispute("dp_1", "open", TEN, "fraudulent", None)


def order(*events: Event) -> Order:
    found = fold(in_stream(events, UUID(int=1), after=0))
    assert found is not None
    return found


@pytest.mark.parametrize("before", [(PLACED,), (PLACED, OrderRejected(reason="out_of_stock"))])
def test_a_dispute_is_shown_once_and_so_is_its_end_and_no_status_changes(before: tuple[Event, ...]) -> None:
    (told,) = note_dispute(order(*before).disputes, TOLD)
    shown = order(*before, told)
    assert (shown.status, shown.disputes) == (order(*before).status, (TOLD,))
    assert note_dispute(shown.disputes, TOLD) == []
    (closed,) = note_dispute_closed(shown.disputes, "dp_1", "won")
    over = order(*before, told, closed)
    assert (over.status, [one.status for one in over.disputes]) == (shown.status, ["won"])
    assert (note_dispute_closed(over.disputes, "dp_1", "won"), note_dispute_closed(over.disputes, "dp_2", "won")) == (
        [],
        [],
    )
