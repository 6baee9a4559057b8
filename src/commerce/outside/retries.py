"""How often a party is called, and how long a command waits in between."""

from __future__ import annotations

from datetime import timedelta

MOST_ATTEMPTS = 5
"""Calls for a step of the way forward before its outcome counts as unknown; the pauses between them make 7.5 s.

A call that the party itself put off is not counted.
"""

CREDENTIAL_PAUSE_S = 10.0
"""Seconds between two looks whether a party takes our credential again."""

LONGEST_PAUSE_S = 30.0
"""Seconds to which the pause before a command comes again grows."""

KEY_WINDOW = timedelta(hours=23)
"""A party knows an idempotency key for 24 hours; after 23 it is only asked, as it would do a call again."""


def growing(times: int, first_s: float = 0.5) -> float:
    """Seconds to wait after the n-th time in vain: doubles each time."""
    return float(min(LONGEST_PAUSE_S, first_s * 2 ** min(max(times, 1) - 1, 16)))
