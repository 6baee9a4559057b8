"""The process manager as a subscription: each order's process decides on the events it reads, and its commands
are handled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import structlog
from cachetools import LRUCache

from commerce.eventstore import Append, Blamed, EventStore, Metadata, Recorded, Subscription, Work
from commerce.ordering import order as ordering
from commerce.ordering.events import OrderPlaced
from commerce.ordering.order import Order
from commerce.saga import process as processes
from commerce.saga.case_events import CaseOpened
from commerce.saga.deadlines import deadline_statements
from commerce.saga.decide import TOPICS, react
from commerce.saga.events import ProcessEvent
from commerce.saga.limits import ProcessLimits
from commerce.saga.order_commands import handle_order_commands
from commerce.saga.process import Process, Stage
from commerce.values import ids

_log = structlog.get_logger(__name__)

REMEMBERED_ORDERS = 2_000
"""Orders under way whose state one partition keeps between batches, at most."""

ACTOR = Metadata(actor="service:saga")
"""Who appends what the process manager decides."""


def saga_subscription(limits: ProcessLimits) -> Subscription:
    """The process manager, in partitions by order."""
    return Subscription("saga", TOPICS, lambda store, _partition: ProcessManager(store, limits))


@dataclass(frozen=True, slots=True)
class OrderState:
    """One order and its process, as far as they are known."""

    order: Order | None
    process: Process | None

    def with_event(self, recorded: Recorded) -> OrderState:
        """Apply an event of the order's or the process's own stream, unless the state was read with it."""
        order, process = self.order, self.process
        if order is None and isinstance(recorded.event, OrderPlaced):
            return OrderState(ordering.evolve(None, recorded.event), process)
        if order is not None and recorded.stream == order.id and recorded.originator_version > order.version:
            return OrderState(ordering.evolve(order, recorded.event), process)
        if process is not None and recorded.stream == process.id and recorded.originator_version > process.version:
            return OrderState(order, processes.evolve(process, cast(ProcessEvent, recorded.event)))
        return self

    @property
    def is_under_way(self) -> bool:
        """Whether more is to come soon."""
        return self.process is not None and self.process.stage in (Stage.RUNNING, Stage.COMPENSATING)


_NEW = OrderState(None, None)


class ProcessManager:
    """The handler of one partition. Its states may be stale, which the append then finds out, and has them thrown
    away."""

    def __init__(self, store: EventStore, limits: ProcessLimits) -> None:
        self._store = store
        self._limits = limits
        self._known: LRUCache[UUID, OrderState] = LRUCache(REMEMBERED_ORDERS)
        self._batch: dict[UUID, OrderState] = {}
        self._reads_all = self._has_past = False
        self._opened: list[CaseOpened] = []

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """Decide on each event in turn; one append for each that something follows from.

        Raises `EventFailed` for one that cannot be decided on, or whose order cannot be read.
        """
        before = await self._load(batch)
        self._batch = dict(before)
        self._opened = []
        for recorded in batch:  # a state that was kept has to know what one read now would
            with Blamed(recorded):
                order_id = _order_of(recorded)
                self._batch[order_id] = self._batch[order_id].with_event(recorded)
        appends = [append for recorded in batch if (append := self._decide(recorded))]
        moves = [(before[order_id].process, state.process) for order_id, state in self._batch.items()]
        return Work(deadline_statements(moves), appends)

    def committed(self) -> None:
        """Keep the orders that are under way, those last heard of rather than others."""
        for order_id, state in self._batch.items():
            if state.is_under_way:
                self._known[order_id] = state
            else:
                self._known.pop(order_id, None)
        self._batch = {}
        for case in self._opened:
            _log.warning("a case was opened", order_id=str(case.order_id), kind=case.kind, detail=case.detail)
        self._opened = []
        self._reads_all = self._has_past

    def discarded(self) -> None:
        """Forget everything; after a batch that was not committed, read all states, as one may have been stale."""
        if self._batch:
            self._reads_all = True
        self._batch = {}
        self._known.clear()

    async def _load(self, batch: Sequence[Recorded]) -> dict[UUID, OrderState]:
        """The orders that a batch is about, and their processes.

        An order that begins with the batch has no past, and is not read: but for as long as those that are read have
        one, as when events that were decided on come again.
        """
        first = {event.correlation_id: event for event in reversed(batch) if event.correlation_id is not None}
        begun = {event.stream for event in batch if event.topic == OrderPlaced.TOPIC}
        new = set() if self._reads_all else begun
        states = {order_id: self._known.get(order_id, _NEW if order_id in new else None) for order_id in first}
        missing = [order_id for order_id, state in states.items() if state is None]
        streams = [stream for order_id in missing for stream in (order_id, ids.process_id(order_id))]
        found = await self._store.read_streams(streams) if streams else {}
        read = {}
        for order_id in missing:
            with Blamed(first[order_id]):
                read[order_id] = _state(found[order_id], found[ids.process_id(order_id)])
        self._has_past = any(state.process is not None for order_id, state in read.items() if order_id in begun)
        return {order_id: state or read[order_id] for order_id, state in states.items()}

    def _decide(self, recorded: Recorded) -> Append | None:
        order_id = _order_of(recorded)
        state = self._batch[order_id]
        with Blamed(recorded):
            reaction = react(state.process, recorded.event, recorded.recorded_at, self._limits)
            order, order_events = handle_order_commands(state.order, reaction.commands)
        before = {case.detail for case in state.process.cases} if state.process else set()
        self._opened += [one for one in reaction.events if isinstance(one, CaseOpened) and one.detail not in before]
        self._batch[order_id] = OrderState(order, reaction.process or state.process)
        events = [*reaction.events, *order_events]
        return Append(events, order_id, ACTOR, causation_id=recorded.position) if events else None


class _NoOrder(Exception):
    """An event that a process decides on does not say of which order it is."""


def _order_of(recorded: Recorded) -> UUID:
    if recorded.correlation_id is None:
        raise _NoOrder(f"{recorded.topic} names no order")
    return recorded.correlation_id


def _state(order: Iterable[Recorded], process: Iterable[Recorded]) -> OrderState:
    return OrderState(
        ordering.fold(recorded.event for recorded in order),
        processes.fold(cast(ProcessEvent, recorded.event) for recorded in process),
    )
