"""Asks for an order's cancellation; the same request, sent again, is answered as it was the first time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from api.http.errors import PreconditionFailed
from commerce.eventstore import EventStore, KeyExists, Metadata, MissingKey, PersonKey, Recorded
from commerce.ordering.commands import request_cancellation
from commerce.ordering.events import OrderCancellationRequested
from commerce.values import ids
from commerce.values.errors import StaleVersion, Unavailable
from projections.orders import SealedOrder, order_of


@dataclass(frozen=True, slots=True)
class AskedCancellation:
    """What is answered without its position, and the position."""

    answer: dict[str, object]
    position: int


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What somebody wants: for which reason, and if the order still is at one of these versions; None is at any."""

    order_id: UUID
    reason: str
    metadata: Metadata
    versions: frozenset[int] | None

    async def ask_for(self, store: EventStore, order: SealedOrder) -> AskedCancellation:
        """Ask for it, unless the same one was accepted before; the log knows that, in whichever process it was.

        Raises `PreconditionFailed`, and what `request_cancellation` raises.
        """
        key = await _key_for(store, order)
        reason, expected = key.seal(self.reason), self._expected(order.version)
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
                return _asked_cancellation(history, first)
            if self.versions is None:
                raise
            raise PreconditionFailed(str(error)) from None
        history = await store.read_stream(self.order_id)
        first = await self._in(store, history)
        return _asked_cancellation(history, history[accepted.version - 1] if first is None else first)

    def _expected(self, present: int) -> int | None:
        """The version to name to the order: of several the present one, and one that it never has if none is a
        version."""
        if self.versions is None:
            return None
        return present if present in self.versions else max(self.versions, default=0)

    async def _in(self, store: EventStore, history: Sequence[Recorded]) -> Recorded | None:
        """Where this very request was accepted: by the same one, at a version that it names, and for the same
        reason."""
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


def _asked_cancellation(history: Sequence[Recorded], accepted: Recorded) -> AskedCancellation:
    then = order_of(history[: accepted.originator_version])
    assert then is not None  # an order begins with its first event
    answer = {"order_id": then.order_id, "version": then.version, "status": then.status}
    return AskedCancellation(answer, accepted.position)


async def _key_for(store: EventStore, order: SealedOrder) -> PersonKey:
    """What is written about an order is sealed with its customer's key, a guest's with the order's own.

    Where that is missing, with one of the order's process: a new one in its place would keep it from being restored.
    """
    with suppress(MissingKey):
        key = await store.keys.of(order.customer_id or order.order_id)
        if not key.new:
            return key
    return await store.keys.of(ids.process_id(order.order_id))
