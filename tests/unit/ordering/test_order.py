"""The rules of an order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce.eventstore import Event, Sealed
from commerce.ordering import order as ordering
from commerce.ordering.events import (
    OrderCancellationRefused,
    OrderCancellationRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderEvent,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
)
from commerce.ordering.order import (
    NewOrder,
    NoCancellationPending,
    Order,
    OrderNotConfirmed,
    OrderNotOpen,
    OrderNotShipped,
    OrderStatus,
    evolve,
    fold,
)
from commerce.values.errors import InvalidInput, RuleBroken
from commerce.values.money import LARGEST, Money
from commerce.values.order_line import OrderLine
from tests.unit.scenario import SomethingElse, Told, When, decision_table, event, placed_in

ORDER = UUID("11111111-1111-5111-8111-111111111111")
CUSTOMER = UUID("22222222-2222-5222-8222-222222222222")
ADDRESS = Sealed("sealed address")
WHY = Sealed("sealed reason")
ARRIVES = date(2026, 12, 1)


def line(quantity: int = 2, price: str = "10.00", currency: str = "EUR", sku: str = "cup") -> OrderLine:
    return OrderLine(sku=sku, name="A cup", quantity=quantity, unit_price=Money.of(price, currency))


placed = event(
    OrderPlaced,
    customer_id=CUSTOMER,
    currency="EUR",
    lines=(line(),),
    total=Money.of("20.00", "EUR"),
    shipping_address=ADDRESS,
    payment_method="pm_card_ok",
)
confirmed = event(OrderConfirmed, tracking_number="T1", carrier="Swift", estimated_delivery=ARRIVES)
rejected = event(OrderRejected, reason="out_of_stock")
cancellation_requested = event(OrderCancellationRequested, reason=WHY)
cancellation_refused = event(OrderCancellationRefused, cause="dispatched")
cancelled = event(OrderCancelled)
shipped = event(OrderShipped)
delivered = event(OrderDelivered)

given = Told(fold, ORDER)

PAST: dict[str, Sequence[OrderEvent]] = {
    "placed": [placed],
    "confirmed": [placed, confirmed],
    "rejected": [placed, rejected],
    "cancelling a placed order": [placed, cancellation_requested],
    "cancelling a confirmed order": [placed, confirmed, cancellation_requested],
    "cancelled when placed": [placed, cancellation_requested, cancelled],
    "cancelled when confirmed": [placed, confirmed, cancellation_requested, cancelled],
    "cancellation refused": [placed, confirmed, cancellation_requested, cancellation_refused],
    "shipped": [placed, confirmed, shipped],
    "delivered": [placed, confirmed, shipped, delivered],
}
COMMANDS: dict[str, tuple[Callable[[Order], Sequence[Event]], Event]] = {
    "confirm": (lambda order: ordering.confirm(order, "T1", "Swift", ARRIVES), confirmed),
    "reject": (lambda order: ordering.reject(order, "out_of_stock"), rejected),
    "ask": (lambda order: ordering.request_cancellation(order, WHY), cancellation_requested),
    "refuse": (lambda order: ordering.reject_cancellation(order, "dispatched"), cancellation_refused),
    "cancel": (ordering.cancel, cancelled),
    "ship": (ordering.ship, shipped),
    "deliver": (ordering.deliver, delivered),
}
RULES = {
    "not open": OrderNotOpen,
    "not pending": NoCancellationPending,
    "not confirmed": OrderNotConfirmed,
    "not shipped": OrderNotShipped,
}
TABLE = decision_table("""
                             | confirm  | reject   | ask      | refuse      | cancel      | ship          | deliver
placed                       | event    | event    | event    | not pending | not pending | not confirmed | not shipped
confirmed                    | no news  | not open | event    | not pending | not pending | event         | not shipped
rejected                     | not open | no news  | not open | not pending | not pending | not confirmed | not shipped
cancelling a placed order    | not open | event    | no news  | event       | event       | not confirmed | not shipped
cancelling a confirmed order | not open | not open | no news  | event       | event       | not confirmed | not shipped
cancelled when placed        | not open | not open | no news  | not pending | no news     | not confirmed | not shipped
cancelled when confirmed     | not open | not open | no news  | not pending | no news     | not confirmed | not shipped
cancellation refused         | no news  | not open | event    | no news     | not pending | event         | not shipped
shipped                      | no news  | not open | not open | not pending | not pending | no news       | event
delivered                    | no news  | not open | not open | not pending | not pending | no news       | no news
""")


@pytest.mark.parametrize(("past", "command", "cell"), TABLE)
def test_each_command_is_answered_by_the_status_of_the_order(past: str, command: str, cell: str) -> None:
    decide, event_of_it = COMMANDS[command]
    decided = given(*PAST[past]).when(decide)
    if cell == "event":
        decided.then(event_of_it)
    elif cell == "no news":
        decided.then_nothing_new()
    else:
        decided.then_breaks(RULES[cell])


def test_the_table_has_every_past_and_every_command() -> None:
    assert {past for past, _, _ in TABLE} == set(PAST)
    assert {command for _, command, _ in TABLE} == set(COMMANDS)
    assert {given.state(*events).status for events in PAST.values()} == set(OrderStatus)


@pytest.mark.parametrize(
    ("past", "status"),
    [
        ("placed", "placed"),
        ("confirmed", "confirmed"),
        ("rejected", "rejected"),
        ("cancelling a placed order", "cancelling"),
        ("cancelled when confirmed", "cancelled"),
        ("cancellation refused", "confirmed"),
        ("shipped", "shipped"),
        ("delivered", "delivered"),
    ],
)
def test_the_last_event_says_where_an_order_stands(past: str, status: str) -> None:
    assert given.state(*PAST[past]).status == status


@pytest.mark.parametrize(
    ("past", "command", "text"),
    [
        ("rejected", "confirm", f"order {ORDER} is rejected and can no longer be confirmed"),
        ("shipped", "reject", f"order {ORDER} is shipped and can no longer be rejected"),
        ("delivered", "ask", f"order {ORDER} is delivered and can no longer be cancelled"),
        ("placed", "ship", f"order {ORDER} is placed; it can be shipped once it is confirmed"),
        ("confirmed", "deliver", f"order {ORDER} is confirmed; it can be delivered once it is shipped"),
        ("placed", "cancel", f"order {ORDER} is placed; request its cancellation first"),
    ],
)
def test_a_rejection_says_what_is_in_the_way(past: str, command: str, text: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        COMMANDS[command][0](given.state(*PAST[past]))
    assert str(caught.value) == text


def test_a_placed_order_keeps_all_that_was_ordered() -> None:
    assert given.state(placed) == Order(
        id=ORDER,
        version=1,
        status=OrderStatus.PLACED,
        customer_id=CUSTOMER,
        currency="EUR",
        lines=(line(),),
        total=Money.of("20.00", "EUR"),
        shipping_address=ADDRESS,
        payment_method="pm_card_ok",
    )


def test_a_confirmed_order_can_be_tracked() -> None:
    order = given.state(placed, confirmed)
    assert (order.tracking_number, order.carrier, order.estimated_delivery) == ("T1", "Swift", ARRIVES)


def test_a_rejected_order_says_why() -> None:
    assert given.state(placed, rejected).reason == "out_of_stock"


def test_an_order_that_is_being_cancelled_keeps_the_sealed_reason() -> None:
    assert given.state(placed, cancellation_requested).cancellation_reason == WHY


def test_an_order_whose_cancellation_was_rejected_is_what_it_was_before_and_says_why() -> None:
    order = given.state(placed, confirmed, cancellation_requested, cancellation_refused)
    assert order == replace(given.state(placed, confirmed), version=4, refusal="dispatched")


def test_a_placed_order_whose_cancellation_was_rejected_is_placed_again() -> None:
    assert given.state(placed, cancellation_requested, cancellation_refused).status is OrderStatus.PLACED


def test_a_second_request_to_cancel_wipes_the_rejection_of_the_first_and_can_be_rejected_itself() -> None:
    twice = [*PAST["cancellation refused"], cancellation_requested]
    assert given.state(*twice).refusal is None
    given(*twice).when(ordering.reject_cancellation, "dispatched").then(cancellation_refused)


def test_a_rejection_for_another_cause_than_the_last_needs_a_request_of_its_own() -> None:
    given(*PAST["cancellation refused"]).when(ordering.reject_cancellation, "lost").then_breaks(NoCancellationPending)


def place(*lines: OrderLine, currency: str = "EUR") -> Sequence[Event]:
    new = NewOrder(
        customer_id=CUSTOMER,
        currency=currency,
        lines=lines,
        shipping_address=ADDRESS,
        payment_method="pm_card_ok",
    )
    return ordering.place(new)


def when_placing(*lines: OrderLine) -> When:
    return When(lambda: place(*lines))


def test_placing_an_order_is_one_event_with_the_sum_of_its_lines() -> None:
    when_placing(line()).then(placed)


def test_an_order_may_cost_nothing() -> None:
    [event_of_it] = place(line(price="0"))
    assert isinstance(event_of_it, OrderPlaced)
    assert event_of_it.total == Money.zero("EUR")


def test_a_guest_has_no_customer_id() -> None:
    new = NewOrder(
        customer_id=None, currency="EUR", lines=[line()], shipping_address=ADDRESS, payment_method="pm_card_ok"
    )
    [event_of_it] = ordering.place(new)
    assert isinstance(event_of_it, OrderPlaced)
    assert event_of_it.customer_id is None


@pytest.mark.parametrize("lines", [1, 1000])
def test_an_order_has_up_to_a_thousand_lines(lines: int) -> None:
    assert len(place(*[line()] * lines)) == 1


@pytest.mark.parametrize("lines", [0, 1001])
def test_an_order_has_at_least_one_line_and_no_more_than_a_thousand(lines: int) -> None:
    when_placing(*[line()] * lines).then_breaks(
        InvalidInput, f"an order has 1 to 1000 lines, not {lines}", field="lines"
    )


@pytest.mark.parametrize("quantity", [1, 1_000_000])
def test_a_line_is_of_up_to_a_million_pieces(quantity: int) -> None:
    assert len(place(line(quantity=quantity))) == 1


@pytest.mark.parametrize("quantity", [-1, 0, 1_000_001])
def test_a_line_is_of_at_least_one_piece_and_no_more_than_a_million(quantity: int) -> None:
    when_placing(line(), line(quantity=quantity)).then_breaks(
        InvalidInput, f"the quantity is 1 to 1000000, not {quantity}", field="lines[1].quantity"
    )


def test_no_line_has_a_negative_price() -> None:
    when_placing(line(), line(), line(price="-0.01")).then_breaks(
        InvalidInput, "the price -0.01 EUR is negative", field="lines[2].unit_price"
    )


def test_all_lines_are_in_the_currency_of_the_order() -> None:
    when_placing(line(currency="USD")).then_breaks(
        InvalidInput, "the price 10.00 USD is not in EUR, the order's currency", field="lines[0].unit_price"
    )


def test_a_total_that_no_part_could_handle_is_rejected() -> None:
    when_placing(line(quantity=1_000_000, price="1000000")).then_breaks(
        InvalidInput, "the total 1000000000000.00 EUR is out of range; it stays below 1000000000000", field="lines"
    )
    assert place(line(quantity=1_000_000, price="999999.99"))


prices = st.decimals(min_value=0, max_value=10**6, places=2).map(lambda amount: Money.of(amount, "EUR"))
lines_of_life = st.builds(
    lambda quantity, price: OrderLine(sku="cup", name="A cup", quantity=quantity, unit_price=price),
    st.integers(min_value=1, max_value=900),
    prices,
)


@for_all(st.lists(lines_of_life, min_size=1, max_size=20))
def test_the_total_is_to_the_penny_what_the_lines_add_up_to(lines: list[OrderLine]) -> None:
    [event_of_it] = place(*lines)
    assert isinstance(event_of_it, OrderPlaced)
    pennies = sum(line.quantity * int(line.unit_price.amount * 100) for line in lines)
    assert event_of_it.total.amount * 100 == pennies
    assert event_of_it.total.amount < LARGEST


every_event = st.sampled_from(
    [placed, confirmed, rejected, cancellation_requested, cancellation_refused, cancelled, shipped, delivered]
)


@for_all(st.lists(every_event, max_size=8))
def test_applying_events_never_fails_whatever_their_order(events: list[OrderEvent]) -> None:
    order = given(*events).state
    assert (order is None) == (placed not in events)
    if order is not None:
        assert order.version == len(events)


def test_a_event_of_another_kind_changes_nothing_but_the_version() -> None:
    order = given.state(placed)
    foreign = event(SomethingElse).model_copy(update={"originator_id": ORDER, "originator_version": 2})
    assert evolve(order, foreign) == replace(order, version=2)


def test_folding_goes_on_from_a_state() -> None:
    assert given.state(placed, confirmed) == fold(
        placed_in(ORDER, [confirmed], after=1), fold(placed_in(ORDER, [placed]))
    )
