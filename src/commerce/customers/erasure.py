"""The erasure of one person: requested, done once their orders have ended, and certified."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from uuid import UUID

from commerce.customers.erasure_events import (
    ErasureCompleted,
    ErasureEvent,
    ErasureGround,
    ErasureRequested,
    KeysDestroyed,
    PersonKind,
)
from commerce.eventstore import Aggregate, Event
from commerce.values.errors import RuleBroken

MOST_KEYS = 1_000
"""Keys that one event names; of more, there are several events."""


class ErasureStatus(StrEnum):
    """How far an erasure has come."""

    REQUESTED = "requested"
    """Orders have not ended; nothing is erased yet."""
    KEYS_DESTROYED = "keys_destroyed"
    """The data can be read by nobody; mails and the certificate follow."""
    COMPLETED = "completed"


class ErasureUnderWay(RuleBroken):
    """The person's data is erased, or is about to be: they place no orders."""

    def __init__(self, person_id: UUID) -> None:
        super().__init__(
            f"the data of customer {person_id} is erased, or about to be; place the order for another customer, or as "
            "a guest's"
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data it is: a customer's, or the guest's of one order, whom the order's id stands for."""

    id: UUID
    kind: PersonKind = "customer"


@dataclass(frozen=True, slots=True)
class Erasure(Aggregate):
    """A person's erasure at one version of its stream."""

    person_id: UUID
    kind: PersonKind
    ground: ErasureGround
    status: ErasureStatus = ErasureStatus.REQUESTED
    keys: tuple[UUID, ...] = ()
    """Owners of the keys that are destroyed."""
    orders: int | None = None
    """How many orders are erased, once it is complete."""
    address_released: bool = False

    @property
    def person(self) -> Person:
        """Whose data it is."""
        return Person(self.person_id, self.kind)


def evolve(erasure: Erasure | None, event: Event) -> Erasure | None:
    """Apply one event."""
    match event:
        case ErasureRequested():
            place = event.originator_id, event.originator_version
            return Erasure(*place, event.person_id, event.kind, event.ground)
        case KeysDestroyed() if erasure is not None:
            keys = (*erasure.keys, *event.keys)
            return replace(
                erasure, version=event.originator_version, status=ErasureStatus.KEYS_DESTROYED, keys=keys, orders=None
            )
        case ErasureCompleted() if erasure is not None:
            return replace(
                erasure,
                version=event.originator_version,
                status=ErasureStatus.COMPLETED,
                orders=event.orders,
                address_released=event.address_released,
            )
    return erasure and replace(erasure, version=event.originator_version)


def fold(events: Iterable[Event]) -> Erasure | None:
    """The erasure after these events."""
    return reduce(evolve, events, None)


def request(
    erasure: Erasure | None, person: Person, ground: ErasureGround, *, again: bool = False
) -> list[ErasureEvent]:
    """Have a person's data erased; a repeated request is nothing new."""
    if erasure is not None:
        return []
    return [ErasureRequested(person_id=person.id, kind=person.kind, ground=ground, again=again)]


def destroy(erasure: Erasure, keys: Sequence[UUID]) -> list[ErasureEvent]:
    """Destroy the keys of these owners, and the person's own, whether there is one or not: then nobody makes one."""
    owners = [one for one in dict.fromkeys((erasure.person_id, *keys)) if one not in erasure.keys]
    parts = [owners[begin : begin + MOST_KEYS] for begin in range(0, len(owners), MOST_KEYS)]
    return [KeysDestroyed(person_id=erasure.person_id, keys=tuple(part)) for part in parts]


def complete(erasure: Erasure, requested_by: str, orders: int, *, address_released: bool) -> list[ErasureEvent]:
    """Certify what was erased; once."""
    if erasure.status is not ErasureStatus.KEYS_DESTROYED:
        return []
    certificate = ErasureCompleted(
        person_id=erasure.person_id,
        kind=erasure.kind,
        ground=erasure.ground,
        requested_by=requested_by,
        keys=erasure.keys,
        orders=orders,
        address_released=address_released,
    )
    return [certificate]
