"""Every interleaving that hypothesis finds of answers, messages, webhooks, deadlines, cancellations, refunds, disputes,
customers, people and restarts: each process keeps its promises at every step, and ends.

`test_world` walks further, by chance; what this finds, it shrinks to the few steps that matter.
"""

from __future__ import annotations

from random import Random
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from commerce.eventstore import Sealed
from commerce.ordering.events import OrderLine
from commerce.outside.events import AnswerDiffered
from commerce.payments.events import PaymentDisputeClosed, PaymentDisputed
from commerce.payments.webhook_events import WebhookUnexplained
from commerce.saga.cases import open_requests
from commerce.saga.decide import TOPICS, react
from commerce.saga.description import waiting_for
from commerce.saga.intervention_events import Intervention
from commerce.saga.interventions import InterventionRejected, intervene, possible_actions
from commerce.saga.process import Process
from commerce.saga.refunds import open_refund_requests
from commerce.saga.request_events import AuthorizationRequested, PartialRefundRequested
from commerce.values import ids
from tests.unit.saga.inputs import LATER, LIMITS
from tests.unit.saga.log import Reading
from tests.unit.saga.party import Luck
from tests.unit.saga.promises import promises_are_kept
from tests.unit.saga.test_world import (
    BASKETS,
    CUSTOMERS_DEEDS,
    PROVIDERS_DEEDS,
    CustomersDeed,
    ProvidersDeed,
    World,
)

MOST_ORDERS = 8
ORDER = st.integers(0, 2)
"""One of those placed last."""
READER = st.integers(0, 1)
LUCK = st.sampled_from(get_args(Luck))
LUCKY: tuple[Luck, ...] = ("works", "works")
_TOLD = (AnswerDiffered, WebhookUnexplained, PaymentDisputed, PaymentDisputeClosed)
ACTIONS: tuple[Intervention, ...] = get_args(Intervention)
DEADLINES_UNTIL_A_CASE = 4
"""The customer's, the step's or the order's, then that of the undoing: after these a person has to have been told."""


class ProcessMachine(RuleBasedStateMachine):
    """Some orders for a little tea, and everybody who has to do with them."""

    @initialize(chance=st.randoms(use_true_random=False))
    def begins(self, chance: Random) -> None:
        self.world = World(chance)
        self.looked_at = 0

    @rule(lines=st.sampled_from(list(BASKETS.values())))
    def is_placed(self, lines: tuple[OrderLine, ...]) -> None:
        if len(self.world.orders) < MOST_ORDERS:
            order_id = ids.order_id_of_request("machine", str(len(self.world.orders)))
            self.world.place(order_id, lines)
            self.world.orders.append(order_id)

    @rule(reader=READER, how=st.sampled_from(("decides on one", "decides on some", "commits", "is replaced")))
    def is_read(self, reader: int, how: str) -> None:
        """The log is read, in part; who reads it may be replaced at any time."""
        reading = self.world.subscriptions[reader]
        match how:
            case "commits":
                reading.commit()
            case "is replaced":
                reading.forget()
            case _:
                reading.decide(1 if how == "decides on one" else 3)

    @rule()
    def all_is_read(self) -> None:
        while [each for each in self.world.subscriptions if _catches_up(each)]:
            pass
        self.world.nothing_waits_without_a_deadline()

    @rule(number=ORDER, steps=st.integers(0, 2), luck=LUCK)
    def goes_on(self, number: int, steps: int, luck: Luck) -> None:
        """What an order asks for arrives, and is read: some of it goes well, then one as luck has it."""
        self.all_is_read()
        waiting = [process.order_id for process in self._processes() if open_requests(process)]
        if not waiting:
            return
        order_id = waiting[-1 - number % len(waiting)]
        for one in (*LUCKY[:steps], luck):
            if asked := [message for message in self.world.messages() if message.order_id == order_id]:
                self.world.outside.arrive(asked[-1], one)
            self.all_is_read()

    @rule(which=st.integers(0, 9), luck=LUCK)
    def arrives(self, which: int, luck: Luck) -> None:
        """Any message, for the first time or again."""
        messages = self.world.messages()
        if which < len(messages):
            self.world.outside.arrive(messages[-1 - which], luck)

    @rule(number=ORDER, first=st.booleans())
    def comes_to_light(self, number: int, *, first: bool) -> None:
        """What was done late, or unseen, once a party is asked again."""
        if first:
            self.world.outside.do_what_is_late(self._order(number))
        self.world.outside.ask_again(self._order(number))

    @rule(number=ORDER, how=st.sampled_from(("dispatched", "delivered", "cancelled and dispatched")))
    def leaves(self, number: int, how: str) -> None:
        self.all_is_read()
        confirmed = [process.order_id for process in self._processes() if process.confirmed]
        if not confirmed:
            return
        order_id = confirmed[-1 - number % len(confirmed)]
        if how == "delivered":
            self.world.outside.deliver(order_id)
            return
        if how == "cancelled and dispatched":
            self.world.the_customer_wants_to_cancel(order_id)
            self.all_is_read()
        self.world.outside.dispatch(order_id)

    @rule(number=ORDER, how=st.sampled_from(("cancelled", "deadline", "retry", "compensate", "never answered")))
    def is_disturbed(self, number: int, how: str) -> None:
        order_id = self._order(number)
        match how:
            case "cancelled":
                self.world.the_customer_wants_to_cancel(order_id)
            case "deadline":
                self.world.a_deadline_passes(order_id)
            case "never answered":
                self._is_never_answered(order_id)
            case "retry" | "compensate":
                process = self.world.process(order_id)
                if process is not None and how in possible_actions(process):
                    self.world.log.say(process.id, intervene(process, how, Sealed("sealed")), order_id)

    @rule(number=ORDER, amount=st.sampled_from(("0.50", "17.00")), luck=LUCK)
    def is_refunded(self, number: int, amount: str, luck: Luck) -> None:
        """Somebody asks for money back of an order that was paid; payments is asked once or twice."""
        self.all_is_read()
        order_id = self._order(number)
        self.world.somebody_asks_for_a_refund(order_id, amount)
        self.all_is_read()
        asked = [one for one in self.world.messages() if isinstance(one, PartialRefundRequested)]
        for message in asked[-1:]:
            self.world.outside.arrive(message, luck)
        self.all_is_read()

    @rule(number=ORDER, what=st.sampled_from(CUSTOMERS_DEEDS), asks=st.booleans())
    def is_paid_by_its_customer(self, number: int, what: CustomersDeed, *, asks: bool) -> None:
        """The customer acts, or does not; then payments is asked once more, or the provider sends word."""
        order_id = self._order(number)
        self.world.the_customer_does(what, order_id)
        if asks and (asked := [one for one in self.world.messages() if isinstance(one, AuthorizationRequested)]):
            self.world.outside.arrive(asked[-1], "works")

    @rule(number=ORDER, what=st.sampled_from(PROVIDERS_DEEDS))
    def is_told_of_by_the_provider(self, number: int, what: ProvidersDeed) -> None:
        """A webhook, also one that comes before our own call has its answer; or money that is let go in time."""
        self.world.the_provider_does(what, self._order(number))

    def _is_never_answered(self, order_id: UUID) -> None:
        """Who is not heard of any more becomes a case in the end."""
        self.all_is_read()
        for _ in range(DEADLINES_UNTIL_A_CASE):
            self.world.a_deadline_passes(order_id)
            self.all_is_read()
        process = self.world.process(order_id)
        assert process is not None
        assert process.case is not None or not open_requests(process)

    @rule()
    def all_comes_again(self) -> None:
        """What others said is followed by nothing when it is read once more; but for a difference or a dispute, which
        is a case whenever it is told, and for what became of a step that the process never heard of, or is undoing
        late."""
        self.all_is_read()
        for recorded in self.world.log.events:
            order_id, event = recorded.correlation_id, recorded.event
            if order_id is None or recorded.topic not in TOPICS or recorded.stream == ids.process_id(order_id):
                continue
            process = self.world.process(order_id)
            assert process is not None
            unheard = {process.request_id(process.step_of(step).request.occurrence()) for step in process.unheard}
            if process.late or isinstance(event, _TOLD) or getattr(event, "request_id", None) in unheard:
                continue
            assert not react(process, event, LATER, LIMITS).events, (type(event), process)

    @invariant()
    def all_is_well(self) -> None:
        """Promises are kept, and of each order it can be told what it waits for and what may be done."""
        log = self.world.log.events
        if len(log) == self.looked_at:
            return
        self.looked_at = len(log)
        for order_id in self.world.orders:
            promises_are_kept(order_id, [one.event for one in log if one.correlation_id == order_id])
        for process in self._processes():
            waiting_for(process)
            _what_may_be_done_is_accepted(process)

    def teardown(self) -> None:
        """Everybody works until nothing is left to do: then each order has ended, and nothing is left anywhere."""
        if not hasattr(self, "world"):
            return
        self.world.everybody_works_until_nothing_is_left_to_do()
        for order_id in self.world.orders:
            self.world.it_has_ended(order_id)
        self.world.stock_agrees_with_the_orders()
        self.all_is_well()

    def _order(self, number: int) -> UUID:
        return self.world.orders[-1 - number % len(self.world.orders)]

    def _processes(self) -> list[Process]:
        return [process for order_id in self.world.orders if (process := self.world.process(order_id))]


def _catches_up(reader: Reading) -> bool:
    """Whether there was anything to read."""
    reader.decide(100)
    return reader.commit()


def _what_may_be_done_is_accepted(process: Process) -> None:
    """And all else rejected; of several requests the one to skip has to be named."""
    possible = possible_actions(process)
    for action in ACTIONS:
        if action == "skip" and action in possible:
            skippable = [
                one for one in (*open_requests(process), *open_refund_requests(process)) if _skips(process, one)
            ]
            assert skippable
            assert _skips(process, None) is (len(set(skippable)) == 1)
        elif action in possible:
            assert intervene(process, action, Sealed("sealed"))
        else:
            with pytest.raises(InterventionRejected):
                intervene(process, action, Sealed("sealed"))


def _skips(process: Process, request: str | None) -> bool:
    try:
        return bool(intervene(process, "skip", Sealed("sealed"), request))
    except InterventionRejected:
        return False


def test_every_process_keeps_its_promises_and_ends() -> None:
    run_state_machine_as_test(ProcessMachine, settings=settings(max_examples=60, stateful_step_count=40, deadline=None))


@pytest.mark.long
def test_every_process_keeps_its_promises_and_ends_in_many_thousand_lives() -> None:
    thorough = settings(
        max_examples=20_000, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(ProcessMachine, settings=thorough)
