"""The reservation of an order: whether its pieces are promised to it, were rejected, given back, or have left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from uuid import UUID

from commerce.eventstore import Aggregate, Event
from commerce.inventory.events import (
    Quantity,
    ReservationConfirmed,
    ReservationDispatched,
    ReservationEvent,
    ReservationRejected,
    ReservationReleased,
    Shortage,
)


class ReservationStatus(StrEnum):
    """Where a reservation stands."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    RELEASED = "released"
    DISPATCHED = "dispatched"


@dataclass(frozen=True, slots=True)
class Reservation(Aggregate):
    """A reservation at one version of its stream."""

    order_id: UUID
    status: ReservationStatus
    lines: tuple[Quantity, ...] = ()
    """What was reserved, each SKU once."""


def evolve(reservation: Reservation | None, event: Event) -> Reservation | None:
    """Apply one event; a reservation begins with its answer, or with a release that came first."""
    match event:
        case ReservationConfirmed():
            return _answered(event, ReservationStatus.CONFIRMED, event.lines)
        case ReservationRejected():
            return _answered(event, ReservationStatus.REJECTED)
        case ReservationReleased():
            return _answered(event, ReservationStatus.RELEASED, () if reservation is None else reservation.lines)
        case ReservationDispatched():
            return _answered(event, ReservationStatus.DISPATCHED, () if reservation is None else reservation.lines)
        case _:
            return None if reservation is None else replace(reservation, version=event.originator_version)


def _answered(event: ReservationEvent, status: ReservationStatus, lines: tuple[Quantity, ...] = ()) -> Reservation:
    return Reservation(event.originator_id, event.originator_version, event.order_id, status, lines)


def fold(events: Iterable[Event], reservation: Reservation | None = None) -> Reservation | None:
    """The reservation after these events, which begin its stream or follow on `reservation`."""
    return reduce(evolve, events, reservation)


def answer(
    reservation: Reservation | None,
    order_id: UUID,
    request_id: UUID,
    lines: Sequence[Quantity],
    shortages: Sequence[Shortage],
) -> list[ReservationEvent]:
    """Confirm that all lines are reserved, or reject for shortages; once answered or released, that stands."""
    if reservation is not None:
        return []
    if shortages:
        return [ReservationRejected(order_id=order_id, request_id=request_id, shortages=tuple(shortages))]
    return [ReservationConfirmed(order_id=order_id, request_id=request_id, lines=tuple(lines))]


def release(reservation: Reservation | None, order_id: UUID, request_id: UUID) -> list[ReservationEvent]:
    """Give back what is reserved, if anything, so that no later request reserves for this order; no event where that
    is done, or the pieces have left."""
    if reservation is not None and reservation.status in (ReservationStatus.RELEASED, ReservationStatus.DISPATCHED):
        return []
    return [ReservationReleased(order_id=order_id, request_id=request_id)]


def dispatch(reservation: Reservation | None, order_id: UUID, request_id: UUID) -> list[ReservationEvent]:
    """Book out what is reserved; no event where nothing is."""
    if reservation is None or reservation.status is not ReservationStatus.CONFIRMED:
        return []
    return [ReservationDispatched(order_id=order_id, request_id=request_id)]
