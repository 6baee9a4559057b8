"""Whether rows are what their events say: folds the events of some rows again, each up to where its row has come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from commerce.eventstore import (
    Pool,
    Recorded,
    connection_from,
    parked_positions,
    partition_of,
    read_corrected,
    read_events,
)
from projections.engine.maintenance import RowDifference
from projections.engine.projection import Folded, Key, Lost, Projection, fetch

_READ_BATCH_EVENTS = 500
"""Events of one row that are read at a time."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: how many rows and places of the log it passed, how many events it read, what it found."""

    passed: int
    events: int
    differences: dict[Key, RowDifference]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A row as it stands in the table; `folded` is None where it cannot be read."""

    position: int
    folded: Folded[Any] | None


async def compare_rows(pool: Pool, projection: Projection[Any], keys: Iterable[Key], until: int = 0) -> Checked:
    """Compare the rows of these keys with their events, whether there are such rows or not.

    The live positions are read first: a row shows every event up to its partition's, and none beyond its own. A row
    that moves meanwhile is therefore no difference. Events up to `until` have to be shown in any case, but for those
    that are parked: a row lacks them until it has moved beyond. Events that were corrected are folded as they are read.
    Raises `Unavailable` while the table is of another version of the code.
    """
    wanted = {key: projection.place(key) for key in keys}
    positions = await live_positions(pool, projection)
    async with connection_from(pool) as connection:
        parked = await parked_positions(connection, projection.name, map(str, wanted.values()))
    stored = await _stored(pool, projection, list(wanted))
    bounds = {
        key: max(
            until,
            positions[partition_of(place, projection.partitions)],
            stored[key].position if key in stored else 0,
        )
        for key, place in wanted.items()
    }
    failing: set[UUID] = set()
    reached = {wanted[key]: row.position for key, row in stored.items()}

    async def shown(events: Sequence[Recorded]) -> Sequence[Recorded]:
        there = [
            event
            for event in events
            if event.position not in parked or event.position <= reached.get(_place_of(projection, event), 0)
        ]
        async with connection_from(pool) as connection:
            return await read_corrected(connection, projection.name, there)

    due = {place: (0, bounds[key]) for key, place in wanted.items()}
    count, folded = await _fold(pool, projection, due, failing, shown)
    found = {
        key: RowDifference(str(key), "failing") if place in failing else _compare(key, stored.get(key), folded.get(key))
        for key, place in wanted.items()
    }
    return Checked(len(wanted), count, {key: difference for key, difference in found.items() if difference is not None})


async def live_positions(pool: Pool, projection: Projection[Any]) -> dict[int, int]:
    """How far each partition has come. Raises `Unavailable` where it is not for this version of the code."""
    rows = await fetch(
        pool,
        """SELECT split_part(application_name, ':', 2)::int, notification_id FROM commerce_tracking
           WHERE split_part(application_name, ':', 1) = %s AND version = %s""",
        [projection.name, projection.version],
    )
    found: dict[int, int] = dict(rows)
    if len(found) < projection.partitions:
        raise Lost(f"{projection.name} has not been made by this version of the code yet")
    return found


async def _stored(pool: Pool, projection: Projection[Any], keys: list[Key]) -> dict[Key, _Stored]:
    """The rows there are, read one by one, as some may be unreadable."""
    found = await fetch(
        pool,
        f"""SELECT {projection.key}, position, json_build_object('first', first, 'position', position, 'row', r)::text
            FROM {projection.table} AS r WHERE {projection.key} = ANY(%s)""",
        [keys],
    )
    return {key: _Stored(position, _read(projection, text)) for key, position, text in found}


def _read(projection: Projection[Any], text: str) -> Folded[Any] | None:
    try:
        return projection.one.validate_json(text)
    except ValidationError:
        return None


async def _fold(
    pool: Pool,
    projection: Projection[Any],
    due: Mapping[UUID, tuple[int, int]],
    failing: set[UUID],
    shown: Callable[[Sequence[Recorded]], Awaitable[Sequence[Recorded]]],
) -> tuple[int, dict[Key, Folded[Any]]]:
    """Fold the events of places, each up to its bound, page by page; also says how many events those are.

    Places with an event that cannot be folded are added to `failing`. `shown` leaves out what no row has to show.
    """
    count = 0
    folded: dict[Key, Folded[Any]] = {}
    while due:
        events = await _read_events(pool, projection, due)
        count += len(events)
        folded |= _fold_what_can_be(projection, folded, await shown(events), failing)
        due = _rest(projection, events, due)
    return count, folded


def _fold_what_can_be(
    projection: Projection[Any], before: Mapping[Key, Folded[Any]], events: Sequence[Recorded], failing: set[UUID]
) -> dict[Key, Folded[Any]]:
    try:
        return projection.fold_batch(before, events)
    except Exception:  # noqa: BLE001 - whatever one event raises, those of other rows are folded
        if len(places := {_place_of(projection, event) for event in events}) == 1:
            failing |= places
            return {}
    folded: dict[Key, Folded[Any]] = {}
    for place in places:
        own = [event for event in events if _place_of(projection, event) == place]
        folded |= _fold_what_can_be(projection, before, own, failing)
    return folded


def _place_of(projection: Projection[Any], event: Recorded) -> UUID:
    place: UUID = getattr(event, projection.partition_key)
    return place


async def _read_events(pool: Pool, projection: Projection[Any], due: Mapping[UUID, tuple[int, int]]) -> list[Recorded]:
    """The next events of each place: those after one point and not beyond another."""
    column = "originator_version" if projection.partition_key == "originator_id" else "notification_id"  # as is indexed
    async with connection_from(pool) as connection:
        return await read_events(
            connection,
            f"""notification_id = ANY(ARRAY(
                    SELECT event.notification_id
                    FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[]) AS due (place, after, bound)
                    CROSS JOIN LATERAL (
                        SELECT e.notification_id FROM commerce_events e
                        WHERE e.{projection.partition_key} = due.place AND e.{column} > due.after
                          AND e.notification_id <= due.bound AND e.topic = ANY(%b::text[])
                        ORDER BY e.{column} LIMIT %b) AS event))
                ORDER BY notification_id""",
            [
                list(due),
                [after for after, _ in due.values()],
                [bound for _, bound in due.values()],
                list(projection.topics),
                _READ_BATCH_EVENTS,
            ],
        )


def _rest(
    projection: Projection[Any], events: Collection[Recorded], due: Mapping[UUID, tuple[int, int]]
) -> dict[UUID, tuple[int, int]]:
    """The places of which there may be more, as as many events came as were asked for."""
    counts: dict[UUID, int] = {}
    last: dict[UUID, int] = {}
    for recorded in events:
        place = _place_of(projection, recorded)
        counts[place] = counts.get(place, 0) + 1
        last[place] = recorded.originator_version if projection.partition_key == "originator_id" else recorded.position
    return {place: (last[place], due[place][1]) for place, count in counts.items() if count == _READ_BATCH_EVENTS}


def _compare(key: Key, stored: _Stored | None, expected: Folded[Any] | None) -> RowDifference | None:
    if stored is None:
        return None if expected is None else RowDifference(str(key), "missing")
    if stored.folded is None:
        return RowDifference(str(key), "unreadable")
    if expected is None:
        return RowDifference(str(key), "surplus")
    if stored.folded == expected:
        return None
    return RowDifference(str(key), "differs", tuple(_differing(stored.folded, expected)))


def _differing(one: object, other: object, prefix: str = "") -> Iterable[str]:
    """The names of the fields in which two values of a class differ, down to where they are no more of our classes."""
    for field in fields(one):  # type: ignore[arg-type]
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if mine == theirs:
            continue
        name = f"{prefix}{field.name}"
        if is_dataclass(mine) and type(mine) is type(theirs):
            yield from _differing(mine, theirs, "" if name == "row" else f"{name}.")
        else:
            yield name
