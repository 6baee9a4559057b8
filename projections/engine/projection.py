"""What a read model is: a table, a pure fold of events into its rows, and the subscription that keeps the table
up to date."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

import psycopg
from cachetools import LRUCache
from psycopg import AsyncConnection
from pydantic import TypeAdapter, ValidationError

from commerce.eventstore import (
    DEFAULT_PARTITIONS,
    EMPTY_WORK,
    Blamed,
    Event,
    EventStore,
    KeyRing,
    Pool,
    Recorded,
    Statement,
    Subscription,
    Work,
    connection_from,
)
from commerce.values.errors import Unavailable
from projections.engine.terms import RowChange, Term, make_terms_table, written_terms

R = TypeVar("R")


class Lost(Unavailable):
    """The read model is not there, or not of this version of the code: ask again once it has been rebuilt."""


class ParkedRow(Unavailable):
    """A row that is asked for lacks events, as one of them could not be handled: it is not shown as it was before."""

    def __init__(self, name: str, which: str) -> None:
        super().__init__(
            f"the row {which} of the read model {name} waits for an event that cannot be handled; an operator finds it"
            " at GET /api/v1/ops/parked",
            _PARKED_RETRY_S,
        )


Key = UUID | str
"""What a row is found by."""

KEPT_ROWS = 500
"""Rows that a partition keeps in memory, at most."""

REBUILD_BATCH_EVENTS = 5_000
"""Events that one transaction takes in at most, when there is much to catch up with: then few rows are written
again."""

_PARKED_RETRY_S = 30
"""Seconds after which a client may ask again for a row that waits for a person."""

_REBUILT_WITHIN_S = 5
"""Seconds after which a client may ask again for a read model that is being rebuilt."""

_TABLES_LOCK_KEY = 7305470
"""The advisory lock under which tables are made."""


@dataclass(frozen=True, slots=True)
class Folded(Generic[R]):
    """A row with the positions of the first and of the last event folded into it."""

    first: int
    position: int
    row: R


def _itself(key: UUID) -> UUID:
    return key


def stream_of(recorded: Recorded) -> UUID:
    """The key of rows that are made of one stream each."""
    return recorded.originator_id


@dataclass(frozen=True)
class Projection(Generic[R]):
    """One read model. A row's fields are the table's columns; `first` and `position` stand beside them.

    `ddl` makes the table, and then its indexes without names, for any `{table}`. `key` is the field that events are
    folded by, and `key_of` says which row an event belongs to: by default its stream's. Events of one row have to meet
    in one partition. `fold` is pure, and answers None for an event about a row that has not begun. A change of any of
    these that shows in the rows raises `version`.
    """

    name: str
    version: int
    topics: frozenset[str]
    row: type[R]
    ddl: str
    key: str
    fold: Callable[[R | None, Recorded], R | None]
    key_of: Callable[[Recorded], Key] = stream_of
    partitions: int = DEFAULT_PARTITIONS
    partition_key: Literal["correlation_id", "originator_id"] = "originator_id"
    place: Callable[[Any], UUID] = _itself
    """Where the events of a row's key are: the value of `partition_key`."""
    terms: Callable[[KeyRing, Sequence[RowChange[R]]], Awaitable[list[Term]]] | None = None
    """What rows are found by beside their columns, as far as a change adds to it; may open what is sealed."""

    @property
    def table(self) -> str:
        """The table that queries read."""
        return f"projections.{self.name}"

    @property
    def bare_ddl(self) -> str:
        """The part of `ddl` that comes before the indexes."""
        return self.ddl.partition("CREATE INDEX")[0]

    @cached_property
    def rows(self) -> TypeAdapter[list[Folded[R]]]:
        """Reads and writes rows as JSON."""
        return TypeAdapter(list[Folded[self.row]])  # type: ignore[name-defined]

    @cached_property
    def one(self) -> TypeAdapter[Folded[R]]:
        """Reads one row as JSON."""
        return TypeAdapter(Folded[self.row])  # type: ignore[name-defined]

    def subscription(self, *, name: str | None = None, table: str | None = None, begins: bool = True) -> Subscription:
        """What keeps a table up to date: the one that queries read, unless another one is to be filled beside it."""
        into = table or self.table
        return Subscription(
            name or self.name,
            self.topics,
            lambda store, _partition: _Folding(self, into, store),
            self.partitions,
            self.partition_key,
            batch=REBUILD_BATCH_EVENTS,
            version=self.version,
            begins=begins,
        )

    def fold_batch(self, before: Mapping[Key, Folded[R]], batch: Iterable[Recorded]) -> dict[Key, Folded[R]]:
        """The rows that events, in log order, change; events that a row has already been folded up to are passed
        over."""
        return self.fold_rows(before, self.by_row(batch))

    def by_row(self, batch: Iterable[Recorded]) -> dict[Key, list[Recorded]]:
        """Events, divided among the rows they belong to. Raises `EventFailed` for one that does not say."""
        divided: dict[Key, list[Recorded]] = {}
        for recorded in batch:
            with Blamed(recorded):
                key = self.key_of(recorded)
            divided.setdefault(key, []).append(recorded)
        return divided

    def fold_rows(
        self, before: Mapping[Key, Folded[R]], divided: Mapping[Key, Sequence[Recorded]]
    ) -> dict[Key, Folded[R]]:
        """The same for events that have been divided. Raises `EventFailed` for one that cannot be folded."""
        folded = ((key, self._fold_row(before.get(key), events)) for key, events in divided.items())
        return {key: row for key, row in folded if row is not None}

    def begins_with(self, events: Sequence[Recorded]) -> bool:
        """Whether a row's events are there from its very first on, so that they tell all that the table can know
        of it."""
        return self.key_of is stream_of and events[0].originator_version == 1

    def _fold_row(self, known: Folded[R] | None, events: Iterable[Recorded]) -> Folded[R] | None:
        """The row after its events, unless none of them changes it."""
        first, position, row = (known.first, known.position, known.row) if known else (0, 0, None)
        reached = position
        for recorded in events:
            with Blamed(recorded):
                after = self.fold(row, recorded) if recorded.id > reached else None
            if after is not None:
                first = recorded.id if row is None else first
                row, reached = after, recorded.id
            # many kept until their batch is through cost more than those that others decode again
            recorded.forget_event()
        return Folded(first, reached, row) if row is not None and reached > position else None

    async def load(self, pool: Pool, keys: Iterable[Key], table: str | None = None) -> dict[Key, Folded[R]]:
        """The rows there are of these keys."""
        found = await self.select(pool, f"{self.key} = ANY(%s)", [list(keys)], table)
        return {getattr(folded.row, self.key): folded for folded in found}

    async def find(self, pool: Pool, key: Key) -> R | None:
        """The row of one key, if there is one. Raises `ParkedRow`, and what `select` raises."""
        found = await self._select_shown(pool, f"{self.key} = %s", [key], [key])
        return found[0].row if found else None

    async def select_shown(self, pool: Pool, condition: str, parameters: Sequence[object]) -> list[Folded[R]]:
        """As `select`, for those who show the rows. Raises `ParkedRow` too."""
        return await self._select_shown(pool, condition, parameters, ())

    async def select(
        self, pool: Pool, condition: str, parameters: Sequence[object], table: str | None = None
    ) -> list[Folded[R]]:
        """The rows that fulfil a condition, which may end with their order and a limit.

        Raises `Unavailable` as long as the table has not been made, or is of another version of the code.
        """
        return self._read((await fetch(pool, self._query(table or self.table, condition), parameters))[0][0])

    async def _select_shown(
        self, pool: Pool, condition: str, parameters: Sequence[object], keys: Sequence[Key]
    ) -> list[Folded[R]]:
        """Rows, none of which, and of further `keys` none, has parked events at the same moment."""
        query = self._query(self.table, condition, f", ARRAY({_waiting(self.name)})")
        found, waiting = (await fetch(pool, query, parameters))[0]
        rows = self._read(found)
        if waiting:
            for key in (*keys, *(getattr(folded.row, self.key) for folded in rows)):
                if str(self.place(key)) in waiting:
                    raise ParkedRow(self.name, f"of {self.key} {key}")
        return rows

    def _query(self, table: str, condition: str, further: str = "") -> str:
        return f"""
            SELECT
                coalesce(json_agg(json_build_object('first', r.first, 'position', r.position, 'row', r)), '[]')::text
                {further}
            FROM (SELECT * FROM {table} WHERE {condition}) AS r"""

    def _read(self, found: str) -> list[Folded[R]]:
        try:
            return self.rows.validate_json(found)
        except ValidationError:
            raise Lost(f"rows of {self.name} cannot be read until it has been rebuilt", _REBUILT_WITHIN_S) from None

    async def fetch_sums(self, pool: Pool, query: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        """What a query over many rows answers, in its order. Raises `ParkedRow` where any row of the read model waits
        at the same moment."""
        found = await fetch(
            pool,
            f"""SELECT waiting.rows, found.* FROM (SELECT ARRAY({_waiting(self.name)} LIMIT 3) AS rows) AS waiting
                LEFT JOIN (SELECT row_number() OVER () AS number, sums.* FROM ({query}) AS sums) AS found ON true
                ORDER BY found.number""",
            parameters,
        )
        if waiting := found[0][0]:
            raise ParkedRow(self.name, f"of {', '.join(waiting)}")
        return [row[2:] for row in found if row[1] is not None]

    def upsert(self, changed: Iterable[Folded[R]], table: str | None = None) -> Statement:
        """One statement that writes rows, whole; a row that was folded further meanwhile is left as it is."""
        into = table or self.table
        columns = [field.name for field in fields(self.row)]  # type: ignore[arg-type]
        return Statement(
            f"""
            INSERT INTO {into} AS present ({", ".join(columns)}, first, position)
            SELECT {", ".join(f"r.{column}" for column in columns)}, f.first, f.position
            FROM jsonb_to_recordset(%s::jsonb) AS f (first bigint, position bigint, "row" jsonb),
                 jsonb_populate_record(NULL::{into}, f."row") AS r
            ON CONFLICT ({self.key}) DO UPDATE
            SET {", ".join(f"{column} = excluded.{column}" for column in [*columns, "position"])}
            WHERE present.position < excluded.position""",
            [self.rows.dump_json(list(changed)).decode()],
        )


class _Folding(Generic[R]):
    """The handler of one partition: folds in memory, and keeps the rows that changed last, as they tend to change
    again."""

    def __init__(self, projection: Projection[R], table: str, store: EventStore) -> None:
        self._projection = projection
        self._table = table
        self._store = store
        self._kept: LRUCache[Key, Folded[R]] = LRUCache(KEPT_ROWS)
        self._changed: dict[Key, Folded[R]] = {}

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """Fold the events; one query for the rows that are not at hand, one statement for those that change."""
        divided = self._projection.by_row(batch)
        before = {key: self._kept[key] for key in divided if key in self._kept}
        unknown = [
            key for key, events in divided.items() if key not in before and not self._projection.begins_with(events)
        ]
        if unknown:
            before |= await self._projection.load(self._store.pool, unknown, self._table)
        self._changed = self._projection.fold_rows(before, divided)
        if not self._changed:
            return EMPTY_WORK
        return Work([self._projection.upsert(self._changed.values(), self._table), *await self._terms(before)])

    async def _terms(self, before: Mapping[Key, Folded[R]]) -> list[Statement]:
        """Writes what the rows that change are found by from now on."""
        terms_of = self._projection.terms
        if terms_of is None:
            return []
        changes = [
            RowChange(folded.first, before[key].row if key in before else None, folded.row)
            for key, folded in self._changed.items()
        ]
        terms = await terms_of(self._store.keys, changes)
        return [written_terms(terms, self._table)] if terms else []

    def committed(self) -> None:
        """Keep what is in the table now; what has not changed for longest makes room."""
        self._kept.update(self._changed)

    def discarded(self) -> None:
        """Forget everything."""
        self._kept.clear()


async def make_tables(pool: Pool, projections: Iterable[Projection[Any]]) -> None:
    """Make the tables that are missing, but for those that were filled once; safe to do at once in several processes.

    A table that was lost is made by a rebuild: made empty, it would be shown as if it were whole.
    """
    async with connection_from(pool) as connection, connection.transaction():
        await making_tables(connection)
        cursor = await connection.execute(
            "SELECT DISTINCT split_part(application_name, ':', 1) FROM commerce_tracking WHERE notification_id > 0"
        )
        filled = {name for (name,) in await cursor.fetchall()}
        for projection in projections:
            if projection.name not in filled:
                await make_table(connection, projection, projection.table)


async def making_tables(connection: AsyncConnection[Any]) -> None:
    """Keep other processes from making tables until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_TABLES_LOCK_KEY])


async def make_table(
    connection: AsyncConnection[Any], projection: Projection[Any], table: str, *, indexed: bool = True
) -> None:
    """Make one table unless it is there, if need be without the indexes beside its key."""
    if not await table_exists(connection, table):
        await connection.execute((projection.ddl if indexed else projection.bare_ddl).format(table=table))
        if projection.terms is not None:
            await make_terms_table(connection, table)


async def table_exists(connection: AsyncConnection[Any], table: str) -> bool:
    """Whether there is such a table."""
    cursor = await connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
    row = await cursor.fetchone()
    return bool(row and row[0])


async def make_indexes(connection: AsyncConnection[Any], projection: Projection[Any], table: str) -> None:
    """Make the indexes of a table that was made without, unless they are there."""
    cursor = await connection.execute("SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", [table])
    row = await cursor.fetchone()
    if row and row[0] == 1:
        indexes = projection.ddl.removeprefix(projection.bare_ddl).format(table=table)
        for statement in filter(str.strip, indexes.split(";")):
            await connection.execute(statement)


async def fetch(
    pool: Pool, query: str, parameters: Sequence[object] | Mapping[str, object] = ()
) -> list[tuple[Any, ...]]:
    """What a query on read models answers. Raises `Unavailable` as long as the tables have not been made."""
    async with connection_from(pool) as connection:
        try:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall()
        except psycopg.errors.UndefinedTable:
            raise Lost(
                "the read model is being made by the projections worker; ask again later", _REBUILT_WITHIN_S
            ) from None
        except psycopg.errors.UndefinedColumn:
            raise Lost(
                "the read model is of another version of the code until it has been rebuilt", _REBUILT_WITHIN_S
            ) from None


def _waiting(subscription: str) -> str:
    """The sequences of which a read model has parked events, each once, however many its events are."""
    sequences = f"SELECT s.sequence FROM commerce_parked_sequences s WHERE s.subscription = '{subscription}'"
    return f"""
        WITH RECURSIVE waiting (sequence) AS (
            ({sequences} ORDER BY s.sequence LIMIT 1)
            UNION ALL
            SELECT ({sequences} AND s.sequence > waiting.sequence ORDER BY s.sequence LIMIT 1)
            FROM waiting WHERE waiting.sequence IS NOT NULL
        )
        SELECT sequence FROM waiting WHERE sequence IS NOT NULL"""


def topics_of(*kinds: type[Event]) -> frozenset[str]:
    """The topics of events."""
    return frozenset(kind.TOPIC for kind in kinds)
