"""Whatever happens, in whatever order: every order ends, with nothing left open, and money, stock and shipments
agree."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Literal, cast, get_args
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.eventstore import Sealed
from commerce.inventory import stock_item
from commerce.inventory.stock_item import StockItem
from commerce.inventory.subscription import inventory_subscription
from commerce.ordering import order as ordering
from commerce.ordering.events import OrderLine
from commerce.ordering.order import NewOrder, Order, OrderStatus
from commerce.saga import cases
from commerce.saga import process as processes
from commerce.saga.case_events import CaseAssigned
from commerce.saga.cases import open_requests
from commerce.saga.events import DeadlinePassed, ProcessEvent
from commerce.saga.intervention_events import Intervention
from commerce.saga.interventions import intervene
from commerce.saga.limits import ProcessLimits
from commerce.saga.process import CUSTOMER_DEADLINE, Process, Stage
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from commerce.values.errors import RuleBroken
from commerce.values.money import Money
from tests.unit.saga.inputs import line
from tests.unit.saga.log import Log, Reading
from tests.unit.saga.outside import Message, Outside
from tests.unit.saga.party import Luck

IN_STOCK = 7
STEPS = 120
SHORT_STEPS = ProcessLimits(steps={"authorization": timedelta(minutes=1), "capture": timedelta(minutes=2)})
BASKETS: dict[str, tuple[OrderLine, ...]] = {
    "tea": (line("TEA", 2, "5.00"), line("TEA", 1, "4.00"), line("POSTAGE", 1, "3.00", stocked=False)),
    "nothing stocked": (line("POSTAGE", 1, "3.00", stocked=False),),
    "a sample": (line("TEA", 1, "0"),),
    "more than there is": (line("TEA", IN_STOCK + 1, "5.00"),),
}
LUCK: tuple[Luck, ...] = get_args(Luck)
CustomersDeed = Literal["confirms", "rejects", "chooses another card"]
CUSTOMERS_DEEDS: tuple[CustomersDeed, ...] = get_args(CustomersDeed)
ProvidersDeed = Literal["sends word", "tells of something else", "lets go in time", "open", "won", "lost"]
"""The last three are what it tells of a dispute."""
PROVIDERS_DEEDS: tuple[ProvidersDeed, ...] = get_args(ProvidersDeed)
ENDS_WELL = {
    OrderStatus.CONFIRMED: Stage.COMPLETED,
    OrderStatus.SHIPPED: Stage.DISPATCHED,
    OrderStatus.DELIVERED: Stage.DELIVERED,
}


class World:
    """Some orders for a little tea, and everybody who has to do with them, acting as chance has it."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.log = Log()
        self.outside = Outside(self.log)
        self.subscriptions = [
            Reading(self.log, saga_subscription(chance.choice((ProcessLimits(), SHORT_STEPS)))),
            Reading(self.log, inventory_subscription(STOCK_TOPICS, stock_request)),
        ]
        self.orders = [ids.order_id_of_request("world", str(number)) for number in range(chance.randint(1, 3))]
        assert self.log.say(ids.stock_item_id("TEA"), stock_item.register(None, "TEA"), None)
        assert self.log.say(ids.stock_item_id("TEA"), stock_item.receive(self.tea, IN_STOCK), None)
        for order_id in self.orders:
            self.place(order_id, chance.choice(list(BASKETS.values())))

    def place(self, order_id: UUID, lines: tuple[OrderLine, ...]) -> None:
        new = NewOrder(
            customer_id=None,
            currency="EUR",
            lines=lines,
            shipping_address=Sealed("sealed"),
            payment_method="pm_card_ok",
        )
        assert self.log.say(order_id, ordering.place(new), order_id)

    @property
    def tea(self) -> StockItem:
        item = stock_item.fold(self.log.stream(ids.stock_item_id("TEA")))
        assert item is not None
        return item

    def order(self, order_id: UUID) -> Order:
        order = ordering.fold(self.log.stream(order_id))
        assert order is not None
        return order

    def process(self, order_id: UUID) -> Process | None:
        return processes.fold(cast(Iterable[ProcessEvent], self.log.stream(ids.process_id(order_id))))

    def messages(self) -> list[Message]:
        """Every command that was ever sent outside."""
        return [recorded.event for recorded in self.log.events if isinstance(recorded.event, Message)]

    def is_open(self, message: Message) -> bool:
        """Whether its process still waits for what it asks, so that it is sent again."""
        process = self.process(message.order_id)
        if process is None:
            return False
        return message.request_id in {*map(process.request_id, open_requests(process)), *process.open_refunds}

    def something_happens(self) -> None:  # noqa: PLR0912 (a case for each)
        subscription, order_id = self.chance.choice(self.subscriptions), self.chance.choice(self.orders)
        match self.chance.choices(
            [
                *("message", "caught up", "decided", "committed", "taken over", "cancel", "dispatch", "deliver"),
                *("deadline", "late", "asked again", "intervened", "refund", "customer", "provider"),
            ],
            [30, 30, 10, 10, 2, 2, 3, 1, 2, 3, 3, 2, 4, 4, 6],
        ):
            case ["message"]:
                self.a_message_arrives()
            case ["caught up"]:
                subscription.decide(100)
                subscription.commit()
            case ["decided"]:
                subscription.decide(self.chance.randint(1, 3))
            case ["committed"]:
                subscription.commit()
            case ["taken over"]:
                subscription.forget()
            case ["cancel"]:
                self.the_customer_wants_to_cancel(order_id)
            case ["dispatch"]:
                self.outside.dispatch(order_id)
            case ["deliver"]:
                self.outside.deliver(order_id)
            case ["deadline"]:
                self.a_deadline_passes(order_id)
            case ["late"]:
                self.outside.do_what_is_late(order_id)
            case ["asked again"]:
                self.outside.ask_again(order_id)
            case ["refund"]:
                self.somebody_asks_for_a_refund(order_id, self.chance.choice(("0.50", "2.00", "17.00")))
            case ["intervened"]:
                self.somebody_intervenes(order_id)
            case ["customer"]:
                self.the_customer_does(self.chance.choice(CUSTOMERS_DEEDS), order_id)
            case ["provider"]:
                self.the_provider_does(self.chance.choice(PROVIDERS_DEEDS), order_id)

    def a_message_arrives(self) -> None:
        """Mostly one of the newest; but each may arrive again at any time."""
        if messages := self.messages():
            which = min(int(self.chance.expovariate(0.7)), len(messages) - 1)
            luck = self.chance.choices(LUCK, [75, 5, 5, 5, 5, 5, 5, 3, 12])[0]
            self.outside.arrive(messages[-1 - which], luck)

    def the_customer_wants_to_cancel(self, order_id: UUID) -> None:
        try:
            self.log.say(order_id, ordering.request_cancellation(self.order(order_id), Sealed("sealed")), order_id)
        except RuleBroken:
            return

    def the_customer_does(self, what: CustomersDeed, order_id: UUID) -> None:
        """Back from the bank, once or several times, or with another card."""
        if what == "chooses another card":
            self.outside.choose_another_card(order_id)
        else:
            self.outside.act_as_customer(order_id, confirms=what == "confirms")

    def the_provider_does(self, what: ProvidersDeed, order_id: UUID) -> None:
        """What it does, or sends word of, by itself."""
        match what:
            case "sends word":
                self.outside.send_word(order_id)
            case "tells of something else":
                self.outside.send_word_of_something_else(order_id)
            case "lets go in time":
                self.outside.let_go_in_time(order_id)
            case "open" | "won" | "lost":
                self.outside.tell_of_dispute(order_id, what)

    def a_deadline_passes(self, order_id: UUID) -> None:
        process = self.process(order_id)
        if process is not None and process.deadlines:
            passed = DeadlinePassed(order_id=order_id, name=self.chance.choice(process.deadlines).name)
            assert self.log.say(process.id, [passed], order_id)

    def somebody_asks_for_a_refund(self, order_id: UUID, amount: str) -> None:
        refund_id = uuid5(order_id, str(len(self.log.events)))
        self.outside.ask_for_refund(order_id, refund_id, Money.of(amount, "EUR"))

    def somebody_intervenes(self, order_id: UUID) -> None:
        """A person has something asked again, or gives the order up, and looks after its case."""
        process = self.process(order_id)
        if process is None:
            return
        action: Intervention = self.chance.choice(("retry", "retry", "compensate"))
        with suppress(RuleBroken):
            self.log.say(process.id, cases.assign(process, "anna"), order_id)
        with suppress(RuleBroken):
            self.log.say(process.id, intervene(process, action, Sealed("sealed")), order_id)

    def everybody_works_until_nothing_is_left_to_do(self) -> None:
        size = -1
        while size != len(self.log.events):
            size = len(self.log.events)
            for each in self.subscriptions:
                each.decide(100)
                while each.commit():
                    each.decide(100)
            self.nothing_waits_without_a_deadline()
            for message in self.messages():
                if self.is_open(message):
                    self.outside.arrive(message, "works")
            for order_id in self.orders:
                self.outside.do_what_is_late(order_id)
                self.outside.act_as_customer(order_id, confirms=True)
                self.outside.ask_again(order_id)
                self.customers_time_passes(order_id)

    def customers_time_passes(self, order_id: UUID) -> None:
        """Where nothing came of what was tried, and nothing else is."""
        process = self.process(order_id)
        if process is not None and process.waits_for_customer:
            assert self.log.say(process.id, [DeadlinePassed(order_id=order_id, name=CUSTOMER_DEADLINE)], order_id)

    def nothing_waits_without_a_deadline(self) -> None:
        """Once everything is read."""
        for order_id in self.orders:
            if (process := self.process(order_id)) and open_requests(process):
                assert process.deadline is not None, process

    def it_has_ended(self, order_id: UUID) -> None:
        order, process, account = self.order(order_id), self.process(order_id), self.outside.accounts[order_id]
        assert process is not None
        assert (process.awaits, process.deadline, process.case) == (None, None, process.doubt)
        assert (process.open_refunds, process.refund_deadline, process.hold_deadline) == (frozenset(), None, None)
        assert account.given == self.outside.refunded(order_id)
        assert not (account.differs and order.status in ENDS_WELL)
        assert not account.held
        if order.status in ENDS_WELL:
            assert process.stage is ENDS_WELL[order.status]
            assert account.booked
            assert account.taken == bool(order.total)
            return
        assert process.completion is not None
        assert process.stage is Stage.COMPENSATED
        assert (order.status, order.reason) in (
            (OrderStatus.CANCELLED, None),
            (OrderStatus.REJECTED, process.completion.reason),
        )
        assert process.completion.outcome == order.status
        assert not account.taken
        assert not account.booked
        assert not self.tea.held.pieces(order_id)
        if account.was_late or account.was_told or process.refunds:
            return  # what came to light late is undone after the order's end, and refunds are settled beside it
        of_order = (recorded for recorded in self.log.events if recorded.correlation_id == order_id)
        last = [recorded for recorded in of_order if recorded.topic != CaseAssigned.TOPIC][-1]
        assert last.stream == order_id

    def stock_agrees_with_the_orders(self) -> None:
        held = sum(self.reserved(order_id) for order_id in self.orders)
        assert (self.tea.reserved, self.tea.on_hand) == (held, IN_STOCK - self.left_the_house())

    def reserved(self, order_id: UUID) -> int:
        is_reserved = self.order(order_id).status is OrderStatus.CONFIRMED
        return self.pieces(order_id) if is_reserved else 0

    def left_the_house(self) -> int:
        gone = [one for one in self.orders if self.order(one).status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED)]
        return sum(self.pieces(order_id) for order_id in gone)

    def pieces(self, order_id: UUID) -> int:
        return sum(one.quantity for one in self.order(order_id).lines if one.stocked)


@given(st.randoms(use_true_random=True))
@settings(max_examples=200, deadline=None)
def test_every_order_ends_confirmed_or_fully_undone_whatever_happens(chance: Random) -> None:
    whatever_happens(chance)


@pytest.mark.parametrize("seed", [3409033])
def test_what_chance_once_found_ends_as_well(seed: int) -> None:
    """What each was about has a test of its own, as a seed says something else once the world changes.

    - 3409033: a late capture that somebody's refund gave back whole, so that its undo found nothing to do (`test_late`)
    """
    whatever_happens(Random(seed))


def whatever_happens(chance: Random) -> None:
    world = World(chance)
    for _ in range(STEPS):
        world.something_happens()
    world.everybody_works_until_nothing_is_left_to_do()
    for order_id in world.orders:
        world.it_has_ended(order_id)
    world.stock_agrees_with_the_orders()
