"""How long a command waits between calls, and for how long a party knows a key; `CallPolicy` has what can be set."""

from __future__ import annotations

import random
from datetime import timedelta

LONGEST_RETRY_PAUSE_S = 2.0
"""Seconds between two calls for one command; for longer a command does not wait here, but comes again."""

CREDENTIAL_PAUSE_S = 10.0
"""Seconds between two looks whether a party takes our credential again."""

LONGEST_PAUSE_S = 30.0
"""Seconds to which the pause before a command comes again grows."""

KEY_WINDOW = timedelta(hours=23)
"""A party knows an idempotency key for 24 hours; after 23 it is only asked, as it would do a call again."""


def growing(times: int, first_s: float = 0.5) -> float:
    """Seconds to wait after the n-th time in vain: doubles each time."""
    return float(min(LONGEST_PAUSE_S, first_s * 2 ** min(max(times, 1) - 1, 16)))


def spread(pause_s: float) -> float:
    """A pause, made longer by chance by up to a quarter, so that what failed together does not come again together."""
    return pause_s * random.uniform(1.0, 1.25)
