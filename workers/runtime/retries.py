"""How long consumers wait, and how often they try, before they do something else."""

from __future__ import annotations

from datetime import timedelta

MOST_ATTEMPTS = 5
"""Calls for a step of the way forward before its outcome counts as unknown; the pauses between them make 7.5 s.

A call that the party itself put off is not counted.
"""

CREDENTIAL_PAUSE_S = 10.0
"""Between two looks whether a party takes our credential again."""

LONGEST_PAUSE_S = 30.0
"""Seconds to which the pause before a message comes again grows."""

KEY_WINDOW = timedelta(hours=23)
"""An idempotency key is known for 24 hours; after that the other side is only asked, as it would do a call again."""


class TryAgain(Exception):
    """The message cannot be finished now: it is to come again after `delay` seconds; None lets the pause grow
    each time."""

    def __init__(self, reason: str, delay: float | None = None, *, is_put_off: bool = False) -> None:
        super().__init__(reason)
        self.delay = delay
        self.is_put_off = is_put_off
        """Whether the party asked for it: then the message does not fail, it waits."""


def in_flight(call_timeout_s: float) -> timedelta:
    """After this long a call has ended for whoever made it. The other side may still do what it was asked for."""
    return timedelta(seconds=call_timeout_s + 1)


def growing(times: int, first: float = 0.5) -> float:
    """Seconds to wait after the n-th time in vain: doubles each time."""
    return float(min(LONGEST_PAUSE_S, first * 2 ** min(max(times, 1) - 1, 16)))
