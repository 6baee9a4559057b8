"""Reads the log for the command line: who sits there is not known, so personal data stays sealed, and no reading
is recorded."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from uuid import UUID

from commerce.eventstore import LogReader, open_reader
from commerce.values.errors import BadUsage
from commerce.values.ids import read_id

APPLICATION_NAME = "commerce command line"


def open_log(address: str) -> AbstractAsyncContextManager[LogReader]:
    """The log in the database at an address. Raises `BadUsage` where it cannot be reached."""
    return open_reader(address, APPLICATION_NAME)


def typed_order_id(text: str) -> UUID:
    """An order's id as somebody typed it. Raises `BadUsage`."""
    order_id = read_id(text)
    if order_id is None:
        raise BadUsage(f"{text!r} is not an order's id; it looks like 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11")
    return order_id
