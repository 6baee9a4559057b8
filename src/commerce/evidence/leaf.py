"""What a leaf of the tree consists of: every column of a stored event, in the bytes PostgreSQL sends for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from commerce.evidence.merkle import leaf_hash

HEADER = b"commerce log row 1\n"
"""Begins every leaf; another number would mean other columns or another form."""

ROW_COLUMNS: LiteralString = """uuid_send(originator_id), int8send(originator_version), convert_to(topic, 'UTF8'),
                                state,
    int8send(notification_id), timestamptz_send(recorded_at), uuid_send(correlation_id), int8send(causation_id),
    convert_to(metadata::text, 'UTF8')"""
"""The columns of the log as bytes: nothing is interpreted, so that no value, however odd, is mistaken for another."""

_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A row of the log: each column as bytes, or None for NULL; the names are the columns'."""

    originator_id: bytes
    originator_version: bytes
    topic: bytes | None
    state: bytes | None
    notification_id: bytes
    recorded_at: bytes
    correlation_id: bytes | None
    causation_id: bytes | None
    metadata: bytes

    @classmethod
    def of_readable(cls, columns: Mapping[str, Any]) -> Row:
        """The row that these readable columns are of. Raises `ValueError`, `KeyError`, `TypeError`, `AttributeError` or
        `OverflowError` for what is none."""
        correlation, causation = columns["correlation_id"], columns["causation_id"]
        since = datetime.fromisoformat(columns["recorded_at"]) - _POSTGRES_EPOCH
        return cls(
            UUID(columns["originator_id"]).bytes,
            _bigint(columns["originator_version"]),
            _text(columns["topic"]),
            _text(columns["state"]),
            _bigint(columns["notification_id"]),
            _bigint(since // timedelta(microseconds=1)),
            None if correlation is None else UUID(correlation).bytes,
            None if causation is None else _bigint(causation),
            columns["metadata"].encode(),
        )

    @property
    def position(self) -> int:
        """Its place in the log."""
        return integer(self.notification_id)

    @property
    def version(self) -> int:
        """Its place in its stream."""
        return integer(self.originator_version)

    def leaf(self) -> bytes:
        """The bytes of its leaf: the header, then per column 0 for NULL, or 1, the length in four bytes, and the
        bytes."""
        parts = [HEADER]
        for column in self:
            if column is None:
                parts.append(b"\x00")
            else:
                parts.append(b"\x01" + len(column).to_bytes(4, "big"))
                parts.append(column)
        return b"".join(parts)

    def hash(self) -> bytes:
        """The hash of its leaf."""
        return leaf_hash(self.leaf())

    def readable(self) -> dict[str, str | int | None]:
        """The columns as JSON values that lead back to the same bytes. Raises `ValueError` where one has no such
        form."""
        return {
            "originator_id": str(UUID(bytes=self.originator_id)),
            "originator_version": integer(self.originator_version),
            "topic": None if self.topic is None else self.topic.decode(),
            "state": None if self.state is None else self.state.decode(),
            "notification_id": self.position,
            "recorded_at": moment(self.recorded_at),
            "correlation_id": None if self.correlation_id is None else str(UUID(bytes=self.correlation_id)),
            "causation_id": None if self.causation_id is None else integer(self.causation_id),
            "metadata": self.metadata.decode(),
        }


def _bigint(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


def _text(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


def integer(sent: bytes) -> int:
    """A bigint as PostgreSQL sends it."""
    return int.from_bytes(sent, "big", signed=True)


def moment(sent: bytes) -> str:
    """A timestamp as PostgreSQL sends it (microseconds since 2000-01-01 UTC), in ISO 8601; one beyond the
    calendar in words."""
    try:
        at = _POSTGRES_EPOCH + timedelta(microseconds=integer(sent))
    except OverflowError:
        return f"{integer(sent)} µs after 2000-01-01"
    return at.isoformat(timespec="microseconds")
