"""Waits for orders to complete, or to need their customer (`Prefer: wait`): the process's one reader of the log's end
serves all waiting requests; none polls."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from api.orders.customer_actions import action_in
from commerce.eventstore import EventStore, Filter, Tail
from commerce.ordering.events import OrderCancellationRefused, OrderCancelled, OrderConfirmed, OrderRejected
from commerce.ordering.order import OrderStatus
from commerce.payments.events import PaymentActionFailed, PaymentActionRequired
from commerce.payments.tries import CustomerAction
from commerce.runtime.tasks import end_tasks
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
    )
)
"""The topics of events that may complete an order, or make it wait for its customer."""
_READ_BATCH_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class CompletedOrder:
    """An order that waits for nothing more, or for its customer, and the position of the last event about that."""

    order: OrderRow
    position: int
    action: CustomerAction | None = None
    """What the customer has to do."""


class Completions:
    """The requests of this process that wait, by order."""

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

    async def wait(self, order_id: UUID, seconds: float) -> CompletedOrder | None:
        """The order once it is completed, or needs its customer; None after `seconds` without that, or when the process
        is about to stop."""
        until = asyncio.get_running_loop().time() + seconds
        woken = asyncio.Event()
        self._waiting[order_id].add(woken)
        try:
            while True:
                completed = await self._completed(order_id)
                if completed is not None:
                    return completed
                if self._released or not await _set_before(woken, until):
                    return None
                woken.clear()
        finally:
            self._waiting[order_id].discard(woken)
            if not self._waiting[order_id]:
                del self._waiting[order_id]

    async def _completed(self, order_id: UUID) -> CompletedOrder | None:
        payment_id = ids.payment_id(order_id)
        streams = await self._store.read_together([order_id, payment_id])
        history, payment = streams[order_id], streams[payment_id]
        order = order_of(history)
        if order is None:
            return None
        if order.state.status not in UNDER_WAY:
            return CompletedOrder(order, history[-1].position)
        action = action_in(recorded.event for recorded in payment) if order.state.status is OrderStatus.PLACED else None
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


async def _set_before(event: asyncio.Event, until: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            return await event.wait()
    return False
