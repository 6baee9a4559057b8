"""The names of those who did something: the log has the ids of members of staff alone, and their e-mail addresses are
looked up when somebody reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args
from uuid import UUID

from commerce.eventstore import EventStore
from commerce.staff import member as members
from commerce.staff.events import StaffRole
from commerce.values.ids import read_id

Names = Mapping[str, str]
"""The names of actors, by what the log calls them."""


async def names_of(store: EventStore, actors: Iterable[str]) -> Names:
    """The e-mail addresses of those actors who are members of staff, as far as they can be read. Raises
    `Unavailable`."""
    ids = {actor: member_id for actor in set(actors) if (member_id := _member_id(actor)) is not None}
    if not ids:
        return {}
    streams = await store.read_streams(set(ids.values()))
    known = {member_id: members.fold(one.event for one in events) for member_id, events in streams.items()}
    emails = {member_id: member.email for member_id, member in known.items() if member is not None}
    readable = await store.keys.open_readable(emails.values())
    named = {member_id: readable[email] for member_id, email in emails.items() if email in readable}
    return {actor: named[member_id] for actor, member_id in ids.items() if member_id in named}


def actor_name(actor: str, names: Names) -> str | None:
    """An actor's name, or how they named themselves, such as a service by its API key; None where they have an id
    alone."""
    if actor in names:
        return names[actor]
    _, _, subject = actor.partition(":")
    return None if read_id(subject) is not None else subject


def _member_id(actor: str) -> UUID | None:
    role, _, subject = actor.partition(":")
    return read_id(subject) if role in get_args(StaffRole) else None
