"""Reads the log for the command line: who sits there is not known, so personal data stays sealed, and no reading
is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

from commerce.eventstore import LogReader, pool_of
from commerce.values.errors import BadUsage
from commerce.values.ids import read_id

APPLICATION_NAME = "commerce command line"


@asynccontextmanager
async def open_log(address: str) -> AsyncIterator[LogReader]:
    """The log in the database at an address. Raises `BadUsage` where it cannot be reached."""
    try:
        conninfo = make_conninfo(address, application_name=APPLICATION_NAME, connect_timeout=5)
        async with await AsyncConnection.connect(conninfo):
            pass
    except psycopg.Error as error:
        first_line = str(error).strip().partition("\n")[0]
        raise BadUsage(f"the database cannot be reached: {first_line}; start a system with `commerce up`") from None
    pool = pool_of(conninfo, min_size=1, max_size=2)
    try:
        await pool.open(wait=True, timeout=10)
        yield LogReader(pool)
    except PoolTimeout:
        raise BadUsage("the database does not answer") from None
    finally:
        await pool.close()


def order_of(text: str) -> UUID:
    """An order's id as somebody typed it. Raises `BadUsage`."""
    order_id = read_id(text)
    if order_id is None:
        raise BadUsage(f"{text!r} is not an order's id; it looks like 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11")
    return order_id
