"""The ceiling: binary COPY, in bulk and as owner, of rows that are ready, into our own log. It checks nothing."""

from __future__ import annotations

import json
import sys
import time
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

ROWS = 10_000
COPY = """COPY commerce_events (originator_id, originator_version, topic, state, correlation_id, metadata)
          FROM STDIN (FORMAT BINARY)"""


def main() -> None:
    options = json.loads(sys.argv[1])
    state = b"s" * options["bytes"]
    about = Jsonb({"actor": "service:bench", "request_id": "request"})
    bulks = [bulk(state, about) for _ in range(options["bulks"])]
    with psycopg.connect(options["address"], autocommit=True) as connection:
        copy(connection, bulks.pop())
        print("ready", flush=True)
        sys.stdin.readline()
        done, began = 0, time.perf_counter()
        while bulks and time.perf_counter() - began < options["seconds"]:
            rows = bulks.pop()
            copy(connection, rows)
            done += len(rows) // 2
        seconds = time.perf_counter() - began
    print(json.dumps({"done": done, "seconds": seconds}), flush=True)


def bulk(state: bytes, about: Jsonb) -> list[tuple[object, ...]]:
    streams = [uuid4() for _ in range(ROWS // 2)]
    return [(stream, version, "bench.Written", state, stream, about) for stream in streams for version in (1, 2)]


def copy(connection: psycopg.Connection, rows: list[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as out:
        out.set_types(["uuid", "int8", "text", "bytea", "uuid", "jsonb"])
        for row in rows:
            out.write_row(row)


if __name__ == "__main__":
    main()
