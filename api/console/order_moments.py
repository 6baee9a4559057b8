"""An order at any moment: the moments at which something happened to it, its streams' states then, and what changed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from api.console.order_story import STEPS_BETWEEN, Item, recorded_at
from api.pages.cells import Amount, Cell, Word
from api.pages.field_words import CODED_FIELDS, FieldPath
from api.pages.plain_words import is_known_word
from api.pages.view import View

_SHARED = ("inventory.StockReserved", "inventory.StockReleased", "inventory.StockDispatched")
"""Events of stock items, which stand in streams that all orders share."""
_AMOUNT, _CURRENCY = re.compile(r"-?\d{1,18}(\.\d{1,6})?", re.ASCII), re.compile("[A-Z]{3}")
"""An amount of money as the API writes it: also what a customer wrote can look like one."""
BOOKKEEPING = frozenset({"id", "order_id", "version", "answered", "unheard", "request_id", "closed_by", "definition"})
"""Fields by which a stream knows its own, and which say nothing of the order."""


@dataclass(frozen=True, slots=True)
class OrderMoment:
    """A moment at which events of an order were recorded together."""

    number: int
    """Its place, from 1."""
    at: str
    """When, as the API writes it."""
    told: Item
    """The event that says what happened."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a stream's state, before and after."""

    kind: str
    """What kind of stream it is of."""
    field: FieldPath
    before: Cell
    """None where it was not there."""
    after: Cell
    """None where it is no longer there."""


StateFields = Mapping[tuple[str, FieldPath], Cell]
"""Values by the kind of their stream and the way to their field."""


def events_of(trace: Mapping[str, Any]) -> list[Item]:
    """All events of a trace, in the order of the log."""
    found: list[Item] = []
    waiting = [caused for request in trace["requests"] for caused in request["caused"]]
    while waiting:
        one = waiting.pop()
        found.append(one["event"])
        waiting += one["caused"]
    return sorted(found, key=lambda event: int(event["position"]))


def moments_of(events: Sequence[Item]) -> list[OrderMoment]:
    """The moments of events that are given in the order of the log."""
    moments: list[OrderMoment] = []
    for at, together in groupby(events, key=lambda event: str(event["recorded_at"])):
        recorded = list(together)
        told = next((one for one in reversed(recorded) if one["topic"] not in STEPS_BETWEEN), recorded[-1])
        moments.append(OrderMoment(len(moments) + 1, at, told))
    return moments


def moment_at(moments: Sequence[OrderMoment], time: datetime) -> int:
    """The number of the last moment by a time; the first one where there is none by then."""
    return max((one.number for one in moments if datetime.fromisoformat(one.at) <= time), default=1)


async def fields_at(view: View, events: Sequence[Item], at: str) -> StateFields:
    """What the order's own streams were at a time. Raises `ApiProblem`."""
    time = datetime.fromisoformat(at)
    streams = dict.fromkeys(
        one["stream_id"] for one in events if one["topic"] not in _SHARED and recorded_at(one) <= time
    )
    states = await asyncio.gather(
        *(view.find(f"/api/v1/audit/streams/{stream}/state", {"as_of": at}) for stream in streams)
    )
    found: dict[tuple[str, FieldPath], Cell] = {}
    for one in states:
        found |= state_fields(one["kind"], one["state"] or {}) if one is not None else {}
    return found


def state_fields(kind: str, state: Mapping[str, Any]) -> StateFields:
    """The values of a state that say something of the order."""
    return {(kind, field): value for field, value in _leaves(state, ())}


def changes_between(before: StateFields, after: StateFields) -> list[FieldChange]:
    """What differs, in the order of the fields."""
    names = [*after, *(name for name in before if name not in after)]
    return [
        FieldChange(kind, field, before.get((kind, field)), after.get((kind, field)))
        for kind, field in names
        if before.get((kind, field)) != after.get((kind, field))
    ]


def _leaves(value: object, path: FieldPath) -> Iterator[tuple[FieldPath, Cell]]:
    """The values of a state that are there, each with the way to it; an amount of money is one, and so is a list of
    plain values."""
    match value:
        case {"amount": str(amount), "currency": str(currency), **rest} if not rest:
            is_money = _AMOUNT.fullmatch(amount) and _CURRENCY.fullmatch(currency)
            yield path, Amount(Decimal(amount), currency) if is_money else f"{amount} {currency}"
        case dict():
            for key, one in value.items():
                if key not in BOOKKEEPING:
                    yield from _leaves(one, (*path, str(key)))
        case list() if all(isinstance(one, str | int) for one in value):
            if value:
                yield path, ", ".join(str(one) for one in value)
        case list():
            for number, one in enumerate(value, start=1):
                yield from _leaves(one, (*path, number))
        case None | "":
            return
        case bool():
            yield path, Word("yes" if value else "no")
        case str() if path[-1] in CODED_FIELDS and is_known_word(value):
            yield path, Word(value)
        case _:
            yield path, str(value)
