"""Fills the sentences that events carry (`SENTENCE`, where each event is declared) with what an event says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from commerce.audit.implied_words import implied, told_actor
from commerce.audit.languages import ENGLISH, ToldLanguage
from commerce.audit.told_values import told_field
from commerce.eventstore import Event
from commerce.ordering import events as ordering
from commerce.ordering.number import number_of
from commerce.values.text import cleaned

_LONGEST_CHARACTERS = 4_000
"""Characters of a sentence."""


def filled_sentence(event: Event, actor: str, position: int | None = None, language: ToldLanguage = ENGLISH) -> str:
    """An event as a sentence; `actor` is who did it, as the log says, and `position` where it stands, if it does.

    Total over all events that a log can hold.
    """
    said = {**implied(event, actor, language), **numbered(event, position, language)}
    return fill(event.SENTENCE, event, told_actor(actor, language), said, language)


def numbered(event: Event, position: int | None, language: ToldLanguage = ENGLISH) -> dict[str, str]:
    """The order that an event begins, by the number that it has from its position."""
    if not isinstance(event, ordering.OrderPlaced):
        return {}
    if position is None:
        return {"order": language.text("an order")}
    return {"order": language.text("order {number}").format(number=number_of(position))}


def fill(
    words: str,
    event: Event,
    who: str,
    said: Mapping[str, str] = MappingProxyType({}),
    language: ToldLanguage = ENGLISH,
) -> str:
    """Words with what an event says, and what it implies, in the place of its fields' names: one line, whatever
    older logs hold."""
    told = {name: told_field(event, name, value, language) for name, value in event if not isinstance(value, int)}
    counted = {name: value for name, value in event if isinstance(value, int)}
    return cleaned(language.text(words).format_map({**told, **counted, "who": who, **said}), _LONGEST_CHARACTERS)
