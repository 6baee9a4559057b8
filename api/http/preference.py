"""`Prefer: wait` (RFC 7240): the answer to a command that begins something waits for its end, where the client prefers
that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request

from api.http.conditional_headers import prefers_async, wait_of
from api.http.turns import end_turn

APPLIED = "Preference-Applied"

T = TypeVar("T")


async def preferred(request: Request, about: dict[str, str], wait: Callable[[float], Awaitable[T | None]]) -> T | None:
    """What `wait` finds within as many seconds as the client prefers to wait; None where there is no end by then, or
    the client does not want to wait. `about` are the headers of the answer, which say what was heeded."""
    seconds = wait_of(request)
    if seconds is None:
        if prefers_async(request):
            about[APPLIED] = "respond-async"
        return None
    about[APPLIED] = f"wait={seconds}"
    end_turn(request.scope)
    return await wait(seconds)


def is_waited_for(about: dict[str, str]) -> bool:
    """Whether the headers of an answer say that the client preferred to wait."""
    return about.get(APPLIED, "").startswith("wait")
