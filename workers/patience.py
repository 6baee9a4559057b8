"""How long consumers wait, and how often they try, before they do something else."""

from __future__ import annotations

from datetime import timedelta

from workers.gateways.calls import WHOLE_CALL

MOST_ATTEMPTS = 5
"""Calls for a step of the way forward before its outcome counts as unknown; the pauses between them make 7.5 s."""

LONGEST_PAUSE = 30.0
"""Seconds to which the pause before a message comes again grows."""

IN_FLIGHT = timedelta(seconds=WHOLE_CALL + 1)
"""After this long a call has ended for whoever made it, and what the other side says of it is final."""

KEY_WINDOW = timedelta(hours=23)
"""An idempotency key is known for 24 hours; after that the other side is only asked, as it would do a call again."""


class TryAgain(Exception):
    """The message cannot be finished now: it is to come again after `delay` seconds; None lets the pause grow each time."""

    def __init__(self, reason: str, delay: float | None = None) -> None:
        super().__init__(reason)
        self.delay = delay


def growing(times: int, first: float = 0.5) -> float:
    """Seconds to wait after the n-th time in vain: doubles each time."""
    return float(min(LONGEST_PAUSE, first * 2 ** min(max(times, 1) - 1, 16)))
