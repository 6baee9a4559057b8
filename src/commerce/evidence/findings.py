"""What a verification finds: events that are not as they were sealed, named, and what is wrong with each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from commerce.evidence.leaf import Row, integer, moment
from commerce.evidence.tree import Connection, rows_where

Kind = Literal["changed", "removed", "reordered", "inserted", "time", "stream", "seal", "head"]
"""What was tampered with: an event, the order of events, the sealed tree, or a signed head."""

LISTED_FINDINGS = 1000
"""Findings that are listed; the rest is counted."""

_LOOKUP_BATCH_LEAVES = 100


class Place(NamedTuple):
    """What an event is named by."""

    position: int
    stream: UUID
    version: int
    topic: str | None
    recorded_at: bytes


class Leaf(NamedTuple):
    """A stored leaf: its number, the event it was made of, and its hash."""

    number: int
    place: Place
    hash: bytes


@dataclass(slots=True)
class LeafDifference:
    """A leaf and the row at its position, where they do not fit; or one of them alone."""

    leaf: Leaf | None
    row: Place | None
    seal_is_wrong: bool = False
    """A signed head shows that the row is what was signed, and the leaf is not."""


@dataclass(frozen=True, slots=True)
class TamperFinding:
    """One thing that is wrong, and the event it is about, where there is one."""

    kind: Kind
    detail: str
    position: int | None = None
    stream: UUID | None = None
    version: int | None = None
    topic: str | None = None

    def values(self) -> dict[str, object]:
        """As JSON values."""
        return asdict(self) | {"stream": None if self.stream is None else str(self.stream)}

    def line(self) -> str:
        """In one line."""
        if self.position is None and self.stream is None:
            return f"{self.kind}: {self.detail}"
        at = "" if self.position is None else f" position {self.position}"
        what = "" if self.topic is None else f" {self.topic}"
        return f"{self.kind}:{at}{what} (stream {self.stream} version {self.version}): {self.detail}"


class Findings:
    """What was found: the first `LISTED_FINDINGS` of everything, and how many there are more."""

    def __init__(self) -> None:
        self.listed: list[TamperFinding] = []
        self.more = 0

    def add(self, *findings: TamperFinding) -> None:
        """Note findings."""
        room = max(0, LISTED_FINDINGS - len(self.listed))
        self.listed += findings[:room]
        self.more += len(findings[room:])


def place_of(row: Row) -> Place:
    """What a row is named by."""
    topic = None if row.topic is None else row.topic.decode()
    return Place(row.position, UUID(bytes=row.originator_id), integer(row.originator_version), topic, row.recorded_at)


def about(place: Place, kind: Kind, detail: str) -> TamperFinding:
    """A finding about an event."""
    return TamperFinding(kind, detail, place.position, place.stream, place.version, place.topic)


async def explain(connection: Connection, differences: Sequence[LeafDifference]) -> list[TamperFinding]:
    """What happened to each event: an event that is found elsewhere, with the sealed content, was moved there."""
    found: list[TamperFinding] = []
    sealed = [(difference, difference.leaf) for difference in differences if difference.leaf]
    for begin in range(0, len(sealed), _LOOKUP_BATCH_LEAVES):
        part = sealed[begin : begin + _LOOKUP_BATCH_LEAVES]
        present = await _present(connection, [leaf.place for _, leaf in part])
        found += [_explained(each, leaf, present.get((leaf.place.stream, leaf.place.version))) for each, leaf in part]
    moved = {(finding.stream, finding.version) for finding in found if finding.kind == "reordered"}
    alone = [each.row for each in differences if each.leaf is None and each.row]
    found += [
        about(row, "inserted", "it was not there when its neighbours were sealed")
        for row in alone
        if (row.stream, row.version) not in moved
    ]
    return sorted(found, key=lambda finding: finding.position or 0)


def _explained(difference: LeafDifference, leaf: Leaf, present: Row | None) -> TamperFinding:
    place = leaf.place
    if difference.seal_is_wrong:
        return about(place, "seal", "the event is as it was signed, but its stored leaf is not")
    if present is not None and _as_sealed(present, leaf):
        if present.position == place.position:
            return about(place, "seal", "the event is as it was sealed, but its stored leaf is not in its place")
        return about(place, "reordered", f"it was sealed here, and stands at position {present.position} now")
    if difference.row is None:
        return about(place, "removed", "it was sealed, and is gone")
    return about(place, "changed", "; ".join(_changes(place, difference.row)))


def _as_sealed(row: Row, leaf: Leaf) -> bool:
    """Whether a row, put back to the position it was sealed at, is what was sealed."""
    return row._replace(notification_id=leaf.place.position.to_bytes(8, "big", signed=True)).hash() == leaf.hash


def _changes(sealed: Place, row: Place) -> Iterator[str]:
    if row.stream != sealed.stream:
        yield f"its stream is {row.stream} now"
    if row.version != sealed.version:
        yield f"its version is {row.version} now"
    if row.topic != sealed.topic:
        yield f"its topic is {row.topic} now"
    if row.recorded_at != sealed.recorded_at:
        yield f"recorded_at was {moment(sealed.recorded_at)} and is {moment(row.recorded_at)} now"
    if row == sealed:
        yield "its payload, correlation, causation or metadata is not what was sealed"


async def _present(connection: Connection, places: Sequence[Place]) -> dict[tuple[UUID, int], Row]:
    """The rows that the log has now under the streams and versions of sealed events."""
    rows = await rows_where(
        connection,
        "(originator_id, originator_version) IN (SELECT * FROM unnest(%b::uuid[], %b::bigint[]))",
        [[place.stream for place in places], [place.version for place in places]],
    )
    return {(UUID(bytes=row.originator_id), integer(row.originator_version)): row for row in rows}


_HOLES = """
SELECT notification_id, originator_id, originator_version, topic, version_before, position_before
FROM (
    SELECT notification_id, originator_id, originator_version, topic,
           lag(originator_version, 1, 0::bigint) OVER stream AS version_before,
           lag(notification_id, 1, 0::bigint) OVER stream AS position_before
    FROM commerce_events
    WINDOW stream AS (PARTITION BY originator_id ORDER BY originator_version)
) AS numbered
WHERE (originator_version <> version_before + 1 OR notification_id <= position_before) AND originator_id <> ALL (%b)
LIMIT %b
"""


async def broken_streams(connection: Connection, known: Sequence[UUID], limit: int) -> list[TamperFinding]:
    """Streams whose versions have holes, or are not in log order; those `known` to be tampered with are left out."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_HOLES, [list(known), limit])
    return [
        TamperFinding(
            "stream",
            f"it follows version {before}"
            if before + 1 != version
            else f"the version before it is at position {earlier}",
            position,
            stream,
            version,
            topic,
        )
        for position, stream, version, topic, before, earlier in await cursor.fetchall()
    ]
