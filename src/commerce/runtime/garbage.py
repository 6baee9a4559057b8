"""How often a long-running process looks for garbage: seldom, as next to nothing of ours is in cycles."""

from __future__ import annotations

import gc

_NEW_OBJECTS = 200_000
_YOUNG_COLLECTIONS = 20
_MIDDLE_COLLECTIONS = 50


def look_rarely() -> None:
    """To be called before a process imports what it is made of.

    By default Python looks after every 700 new objects. Modules are many objects that all stay: to look at them again
    and again took a tenth of the time in which a worker starts. One batch of events makes many thousand objects, which
    took a quarter of the process manager's time. A read model that catches up has more than 100,000 in its hands at
    once, of four batches.
    """
    gc.set_threshold(_NEW_OBJECTS, _YOUNG_COLLECTIONS, _MIDDLE_COLLECTIONS)


def collect_rarely() -> None:
    """To be called once a process has started: what is there now stays, and need not be looked at again."""
    gc.collect()
    gc.freeze()
    look_rarely()
