"""The words that the log has as codes, and which fields of an event hold one: a reason, a step, an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from commerce.audit.personal_data import KEY_MISSING, SEALED, Opened
from commerce.eventstore import Event
from commerce.saga.case_events import Resolution
from commerce.saga.decide import CANCELLED, TIMED_OUT
from commerce.saga.definitions import EVERY_STEP, PARTIES, REQUESTS
from commerce.saga.events import DeadlinePassed, DeadlineSet
from commerce.saga.interventions import GIVEN_UP
from commerce.saga.process import (
    COMPENSATION_DEADLINE,
    CUSTOMER_DEADLINE,
    DISPATCH_DEADLINE,
    HOLD_DEADLINE,
    ORDER_DEADLINE,
    REFUND_DEADLINE,
    Stage,
)

ROLES = ("customer", "operator", "auditor", "service", "system", "provider")
"""Who does something, by the first part of an actor."""
_CODED = frozenset({"reason", "cause", "decline_reason", "role"})
"""Texts of events that are codes where nothing in them is sealed."""
_OF_PARTIES = ("card_declined", "insufficient_funds", "country_not_served")
"""Reasons that a payment provider or a carrier often gives."""
_DEADLINES = (
    COMPENSATION_DEADLINE,
    CUSTOMER_DEADLINE,
    DISPATCH_DEADLINE,
    HOLD_DEADLINE,
    ORDER_DEADLINE,
    REFUND_DEADLINE,
)


def is_coded(event: Event, name: str, value: object) -> bool:
    """Whether a field of an event holds such a word."""
    if not isinstance(value, str) or isinstance(value, Opened):
        return False
    is_deadline = name == "name" and isinstance(event, DeadlineSet | DeadlinePassed)
    return is_deadline or name in _CODED or name in _literals(type(event))


def coded_words(kinds: Iterable[type[Event]]) -> Iterator[str]:
    """All that kinds of events can hold, as far as it is known beforehand."""
    for kind in kinds:
        for field, words in _literals(kind).items():
            if f"{{{field}}}" in kind.SENTENCE:
                yield from words
    for step in EVERY_STEP:
        yield from (step.name, *step.failed.values())
    yield from (request.name for request in REQUESTS)
    yield from (party.unavailable for party in PARTIES)
    yield from (completion.reason for completion in (CANCELLED, GIVEN_UP, TIMED_OUT))
    yield from (told_resolution(resolution) for resolution in get_args(Resolution))
    yield from (SEALED, KEY_MISSING, *_OF_PARTIES)
    yield from (*_DEADLINES, *(stage.value for stage in Stage), *ROLES, "rejected", "cancelled")


def told_resolution(resolution: Resolution) -> str:
    """How a case was closed, as a word."""
    return resolution.replace("_", " ")


@cache
def _literals(kind: type[Event]) -> dict[str, tuple[str, ...]]:
    """The fields of a kind of event that hold one of some words, and these words."""
    found = {name: tuple(_words(field.annotation)) for name, field in kind.model_fields.items()}
    return {name: words for name, words in found.items() if words}


def _words(of: Any) -> Iterator[str]:
    if get_origin(of) is Literal:
        yield from get_args(of)
    elif get_origin(of) in (Union, UnionType):
        for part in get_args(of):
            yield from _words(part)
