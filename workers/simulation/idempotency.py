"""A key stands for one request: a client that repeats it gets the first answer, and nothing is done again."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from commerce.values.errors import InvalidInput

SCHEMA = """
CREATE TABLE IF NOT EXISTS operations (
    idempotency_key TEXT PRIMARY KEY,
    operation TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status_code INTEGER NOT NULL,
    answer TEXT NOT NULL,
    at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secret (only INTEGER PRIMARY KEY CHECK (only = 1), value BLOB NOT NULL);
INSERT OR IGNORE INTO secret VALUES (1, randomblob(32));
"""
"""The answers that were given, and the key of the fingerprints."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An HTTP status and body; one that is `lost` never reaches who asked, though all that it says is true."""

    status_code: int
    body: Mapping[str, object]
    lost: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """What is asked for under a key; only a fingerprint of its content is kept, as that may hold an address."""

    key: str
    operation: str
    content: Mapping[str, object]


def problem(status_code: int, code: str, detail: str) -> StoredAnswer:
    """A rejection, as RFC 9457 has it, with our own `code` for programs."""
    title = code.replace("_", " ").capitalize()
    body = {"type": f"urn:problem:{code}", "title": title, "status": status_code, "detail": detail, "code": code}
    return StoredAnswer(status_code, body)


def answer_stored(
    connection: sqlite3.Connection, request: IdempotentRequest, act: Callable[[], StoredAnswer]
) -> StoredAnswer:
    """Act on a request unless its key was used before: then the first answer stands, or the request is rejected
    as another one.

    An answer of 5xx is not kept: nothing happened, and the same request may be tried again. Nor is a request that `act`
    finds malformed, by raising `InvalidInput` before it writes.
    """
    row = connection.execute(
        "SELECT fingerprint, status_code, answer FROM operations WHERE idempotency_key = ?", (request.key,)
    ).fetchone()
    fingerprint = _fingerprint(connection, request)
    if row is None:
        return _first(connection, request, fingerprint, act)
    if not hmac.compare_digest(row[0], fingerprint):
        return problem(422, "idempotency_key_reused", "This key already stands for another request.")
    return StoredAnswer(row[1], json.loads(row[2]), repeated=True)


def operation_under(connection: sqlite3.Connection, key: str) -> StoredAnswer:
    """What happened under a key, or 404 where nothing did."""
    row = connection.execute(
        "SELECT operation, status_code, answer, at FROM operations WHERE idempotency_key = ?", (key,)
    ).fetchone()
    if row is None:
        return problem(404, "operation_not_found", "Nothing ever happened under this key.")
    operation, status_code, answer, at = row
    found = {"operation": operation, "status_code": status_code, "answer": json.loads(answer), "at": at}
    return StoredAnswer(200, {"idempotency_key": key, **found})


def now() -> str:
    """The time to write into a ledger: UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _first(
    connection: sqlite3.Connection, request: IdempotentRequest, fingerprint: str, act: Callable[[], StoredAnswer]
) -> StoredAnswer:
    try:
        answer = act()
    except InvalidInput as error:
        return problem(422, "invalid_request", str(error))
    if answer.status_code < 500:
        row = (request.key, request.operation, fingerprint, answer.status_code, json.dumps(answer.body), now())
        connection.execute("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?)", row)
    return answer


def _fingerprint(connection: sqlite3.Connection, request: IdempotentRequest) -> str:
    """A keyed hash, as a plain one would let anybody confirm a guess of what it was made from."""
    (secret,) = connection.execute("SELECT value FROM secret").fetchone()
    canonical = json.dumps([request.operation, request.content], sort_keys=True, separators=(",", ":"))
    return hmac.new(secret, canonical.encode(), hashlib.sha256).hexdigest()
