"""What people do with an order's process from outside: decided on its stream, and recorded there with who did it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from commerce.eventstore import (
    Accepted,
    Event,
    EventStore,
    Idempotency,
    Metadata,
    StreamDecision,
    WrappedKey,
    handle_command,
    in_stream,
)
from commerce.ordering.order import Order
from commerce.saga.decide import react
from commerce.saga.events import ProcessEvent
from commerce.saga.intervention_events import Intervened
from commerce.saga.interventions import possible_actions
from commerce.saga.limits import ProcessLimits
from commerce.saga.order_commands import handle_order_commands
from commerce.saga.process import Process, evolve, fold
from commerce.values import ids
from commerce.values.errors import existing


async def change_process(
    store: EventStore,
    order_id: UUID,
    decide: Callable[[Process], Sequence[ProcessEvent]],
    metadata: Metadata,
    *,
    idempotency: Idempotency | None = None,
    keys: Sequence[WrappedKey] = (),
) -> Accepted:
    """Decide on an order's process, and record it where the process manager reads it; `keys` are new keys that its
    sealed parts need.

    Raises `NotFound` where it has not begun, and what `decide` and `handle_command` raise.
    """

    def decided(history: Sequence[Event]) -> Sequence[Event]:
        return decide(begun(order_id, history))

    decision = StreamDecision(
        ids.process_id(order_id), decided, actions=lambda history: possible_actions(begun(order_id, history))
    )
    return await handle_command(store, decision, metadata, correlation_id=order_id, idempotency=idempotency, keys=keys)


def begun(order_id: UUID, history: Iterable[Event]) -> Process:
    """The process of an order. Raises `NotFound` where it has not begun."""
    process = fold(cast(ProcessEvent, event) for event in history)
    return existing(process, f"the process of order {order_id} has not begun yet")


def preview(
    process: Process, order: Order | None, intervention: Intervened, at: datetime, limits: ProcessLimits
) -> list[Event]:
    """All that would be recorded, the intervention first, if it were made at this time."""
    in_stream([intervention], process.id, after=process.version)
    after = evolve(process, intervention)
    reaction = react(after, intervention, at, limits)
    _, on_order = handle_order_commands(order, reaction.commands)
    return [intervention, *reaction.events, *on_order]
