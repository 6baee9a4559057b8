"""Waits for what commands begin (`Prefer: wait`): for orders to complete, or to need their customer, and for all else
that an event ends. The process's one reader of the log's end serves all waiting requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

from api.orders.customer_actions import action_in
from commerce.customers.erasure_events import ErasureCompleted
from commerce.eventstore import EventStore, Filter, Recorded, Tail
from commerce.ordering.events import (
    OrderCancellationRefused,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderRejected,
    OrderShipped,
)
from commerce.ordering.order import OrderStatus
from commerce.payments.events import (
    PaymentActionFailed,
    PaymentActionRequired,
    PaymentAnswerDiffered,
    PaymentRefunded,
    PaymentRefundFailed,
)
from commerce.payments.payment import fold
from commerce.payments.tries import CustomerAction
from commerce.runtime.tasks import end_tasks
from commerce.saga.events import PartialRefundSettled
from commerce.saga.intervention_events import UndoSkipped
from commerce.saga.step_events import LateOutcomeUndone, StepUndone
from commerce.values import ids
from commerce.values.errors import Unavailable
from projections.orders import OrderRow, order_of

UNDER_WAY = (OrderStatus.PLACED, OrderStatus.CANCELLING)
ENDS = frozenset(
    kind.TOPIC
    for kind in (
        OrderConfirmed,
        OrderRejected,
        OrderCancelled,
        OrderCancellationRefused,
        PaymentActionRequired,
        PaymentActionFailed,
        PaymentRefunded,
        PaymentRefundFailed,
        PaymentAnswerDiffered,
        OrderShipped,
        OrderDelivered,
        ErasureCompleted,
        PartialRefundSettled,
        StepUndone,
        LateOutcomeUndone,
        UndoSkipped,
    )
)
"""The topics of events that may end what somebody waits for, or make it wait for a customer."""
LOOK_PAUSE_S = 0.5
"""Between two looks at what no event tells of."""
_READ_BATCH_EVENTS = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CompletedOrder:
    """An order that waits for nothing more, or for its customer, and the position of the last event about that."""

    order: OrderRow
    position: int
    action: CustomerAction | None = None
    """What the customer has to do."""


class Completions:
    """The requests of this process that wait, by the order or the person that they are about."""

    def __init__(self, store: EventStore) -> None:
        self._waiting: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._store = store
        self._released = False
        self._task: asyncio.Task[None] | None = None

    @property
    def awaited(self) -> bool:
        """Whether a request waits."""
        return bool(self._waiting)

    def start(self, tail: Tail) -> None:
        """Read this end of the log from now on; it keeps `ENDS` at least."""
        self._task = asyncio.create_task(self._follow(tail), name="completions")

    async def stop(self) -> None:
        """Stop reading, and release everybody who waits."""
        self.release()
        if self._task is not None:
            await end_tasks([self._task])
            await asyncio.gather(self._task, return_exceptions=True)

    def release(self) -> None:
        """Release everybody who waits, as the process is about to stop."""
        self._released = True
        for events in self._waiting.values():
            for event in events:
                event.set()

    @property
    def alive(self) -> bool:
        """Whether a completion would be noticed."""
        return self._task is not None and not self._task.done()

    async def wait(self, order_id: UUID, seconds: float, after: int = 0) -> CompletedOrder | None:
        """The order once it is completed, or needs its customer: where an attempt at its payment was asked for at the
        position `after`, once that attempt is answered. None as in `until`."""
        return await self.until(order_id, lambda: self._completed(order_id, after), seconds)

    async def until(self, about: UUID, look: Callable[[], Awaitable[T | None]], seconds: float) -> T | None:
        """What `look` finds once it finds something; it looks again after each event of `ENDS` about this order or
        person. None after `seconds` without that, or when the process is about to stop."""
        return await self._until(about, look, seconds, pause_s=seconds)

    async def watch(self, look: Callable[[], Awaitable[T | None]], seconds: float) -> T | None:
        """The same for what stands in a table, and no event tells of: it looks every `LOOK_PAUSE_S`."""
        return await self._until(uuid4(), look, seconds, pause_s=LOOK_PAUSE_S)

    async def _until(
        self, about: UUID, look: Callable[[], Awaitable[T | None]], seconds: float, *, pause_s: float
    ) -> T | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        woken = asyncio.Event()
        self._waiting[about].add(woken)
        try:
            while True:
                found = await look()
                if found is not None or self._released or loop.time() >= until:
                    return found
                await _set_before(woken, min(until, loop.time() + pause_s))
                woken.clear()
        finally:
            self._waiting[about].discard(woken)
            if not self._waiting[about]:
                del self._waiting[about]

    async def _completed(self, order_id: UUID, after: int) -> CompletedOrder | None:
        payment_id = ids.payment_id(order_id)
        streams = await self._store.read_together([order_id, payment_id])
        history, payment = streams[order_id], streams[payment_id]
        order = order_of(history)
        if order is None:
            return None
        if order.state.status not in UNDER_WAY:
            return CompletedOrder(order, history[-1].position)
        is_awaited = order.state.status is OrderStatus.PLACED and _answers(payment, after)
        action = action_in(recorded.event for recorded in payment) if is_awaited else None
        return None if action is None else CompletedOrder(order, payment[-1].position, action)

    async def _follow(self, tail: Tail) -> None:
        seen = tail.head
        while not self._released:
            await tail.changed(seen, 60)
            try:
                found = await tail.read(seen, Filter(ENDS), _READ_BATCH_EVENTS)
            except Unavailable:  # the tail says so in its `problem`
                await asyncio.sleep(1)
                continue
            seen = found.until
            for recorded in found.events:
                for event in self._waiting.get(recorded.correlation_id or recorded.stream, ()):
                    event.set()


def _answers(payment: Sequence[Recorded], after: int) -> bool:
    """Whether what the customer of a payment has to do is the answer to an attempt at this position, if there is one;
    that an earlier try was ended for it is none."""
    if not after:
        return True
    last, state = payment[-1], fold(recorded.event for recorded in payment)
    is_answer = isinstance(last.event, PaymentActionRequired | PaymentActionFailed) and last.position > after
    return is_answer and state is not None and state.tries.chosen is None


async def _set_before(event: asyncio.Event, until: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await event.wait()
