"""When a delivery is tried again, and until when."""

from __future__ import annotations

FIRST_PAUSE_S = 5
LONGEST_PAUSE_S = 4 * 3600
GIVE_UP_AFTER_S = 3 * 24 * 3600
"""Seconds from the first failed attempt to the last."""
_MOST_DOUBLINGS = 12


def pause_s(failures: int, asked_s: float | None = None) -> float:
    """Seconds from so many failed attempts to the next: doubled each time, and no less than what was asked for by
    `Retry-After`."""
    pause = min(float(FIRST_PAUSE_S << min(failures - 1, _MOST_DOUBLINGS)), float(LONGEST_PAUSE_S))
    return max(pause, asked_s or 0.0)
