"""How a party is called for one operation: for how long, how often, and when it is left alone for a while."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """The rules for one operation of one party; an operator can set each of them."""

    timeout_s: float
    """Seconds in which a call ends, answered or not."""
    attempts: int = 5
    """Calls without an answer after which a step of the way forward is given up, if the party lives."""
    retry_within_s: float = 8.0
    """Seconds after the first call for a command in which another may begin; after that the command comes again."""
    retry_pause_s: float = 0.25
    """Seconds before the second call for a command; doubles with each, and has up to as much again added by chance."""
    breaker_failures: int = 5
    """Orders whose calls fail, none answered in between, after which no more calls are made for a while."""
    breaker_window_s: int = 10
    """Seconds within which these failures come."""
    breaker_pause_s: float = 60.0
    """Seconds for which no calls are made then."""
    breaker_successes: int = 3
    """Probes that have to succeed, one after the other, before calls are made as before."""
    concurrency: int = 240
    """Commands that one process handles at the same time."""
