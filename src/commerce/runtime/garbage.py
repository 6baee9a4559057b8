"""How often a long-running process looks for garbage: seldom, as next to nothing of ours is in cycles."""

from __future__ import annotations

import gc

_NEW_OBJECTS = 200_000
_YOUNG_COLLECTIONS = 20
_MIDDLE_COLLECTIONS = 50


def collect_rarely() -> None:
    """To be called once a process has started: what is there now stays, and need not be looked at again.

    By default Python looks after every 700 new objects, of which one batch of events makes many thousand; that took a
    quarter of the process manager's time. A read model that catches up has more than 100,000 in its hands at once, of
    four batches.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG_COLLECTIONS, _MIDDLE_COLLECTIONS)
