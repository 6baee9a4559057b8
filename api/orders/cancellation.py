"""Requests the cancellation of an order. A request that is sent again gets the same answer again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic_core import to_json

from api.http.errors import PreconditionFailed
from api.http.idempotency import Outcome
from api.orders.person_key import key_of_order
from commerce.eventstore import EventStore, KeyExists, Metadata, Recorded
from commerce.ordering.commands import request_cancellation
from commerce.ordering.events import OrderCancellationRequested
from commerce.values.errors import StaleVersion, Unavailable
from projections.orders import OrderRow, order_of


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A request to cancel: the reason, and the versions at which the order may be; None allows any version."""

    order_id: UUID
    reason: str
    metadata: Metadata
    versions: frozenset[int] | None

    async def ask_for(self, store: EventStore, order: OrderRow) -> Outcome:
        """Request it, unless the same request was accepted before, by any process: the log says so.

        Raises `PreconditionFailed`, and what `request_cancellation` raises.
        """
        key = await key_of_order(store, order)
        reason, expected = key.seal(self.reason), self._expected(order.state.version)
        try:
            accepted = await request_cancellation(
                store, self.order_id, reason, self.metadata, expected_version=expected, keys=key.new
            )
        except KeyExists:
            raise Unavailable("somebody else asked for the same at the same time; try again") from None
        except StaleVersion as error:
            history = await store.read_stream(self.order_id)
            first = await self._in(store, history)
            if first is not None:
                return _answered(history, first)
            if self.versions is None:
                raise
            raise PreconditionFailed(str(error), history[-1].originator_version) from None
        history = await store.read_stream(self.order_id)
        first = await self._in(store, history)
        return _answered(history, history[accepted.version - 1] if first is None else first)

    def _expected(self, present: int) -> int | None:
        """The version that the order has to be at: the present one if the client names it, else one that it is not
        at."""
        if self.versions is None:
            return None
        return present if present in self.versions else max(self.versions, default=0)

    async def _in(self, store: EventStore, history: Sequence[Recorded]) -> Recorded | None:
        """The event by which this same request was accepted: same sender, same reason, at a version that it names."""
        for recorded in reversed(history):
            event = recorded.event
            if (
                isinstance(event, OrderCancellationRequested)
                and recorded.actor == self.metadata.actor
                and (self.versions is None or recorded.originator_version - 1 in self.versions)
                and await store.keys.open_readable([event.reason]) == {event.reason: self.reason}
            ):
                return recorded
        return None


def _answered(history: Sequence[Recorded], accepted: Recorded) -> Outcome:
    then = order_of(history[: accepted.originator_version])
    assert then is not None  # an order begins with its first event
    answer = {"order_id": then.order_id, "version": then.state.version, "status": then.state.status}
    return Outcome(to_json(answer), accepted.position)
