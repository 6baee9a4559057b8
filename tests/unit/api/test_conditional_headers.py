"""How long a client wants to wait, as RFC 7240 reads it."""

from __future__ import annotations

import pytest
from fastapi import Request

from api.http.conditional_headers import wait_of


def asked(*lines: str) -> int | None:
    """What these lines of `Prefer` mean."""
    return wait_of(Request({"type": "http", "headers": [(b"prefer", line.encode()) for line in lines]}))


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=0", 0),
        ("wait=7", 7),
        ("wait=30", 30),
        ("wait=31", 30),
        ("wait=99999999999", 30),
        ("wait=" + "9" * 10_000, 30),
        ("wait=0000000000000000000007", 7),
        ("respond-async, wait=10; x=y", 10),
        ('handling="a, wait=1"; foo, WAIT = "5"', 5),
        ("wait=3, wait=4", 3),
    ],
)
def test_a_wait_is_at_most_the_longest_one(prefer: str, seconds: int) -> None:
    assert asked(prefer) == seconds


@pytest.mark.parametrize(
    "prefer", ["", "wait", "wait=", "wait=-1", "wait=1.5", "wait=abc", "wait=1e3", "await=1", "wait=\u00b2"]
)
def test_what_cannot_be_read_is_no_preference(prefer: str) -> None:
    assert asked(prefer) is None


def test_several_headers_are_one_list_of_which_the_first_wait_counts() -> None:
    assert asked("respond-async", "wait=4", "wait=9") == 4
