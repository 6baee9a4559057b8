"""A log with the tables of all read models beside it."""

from __future__ import annotations

import pytest

from commerce.eventstore import EventStore
from tests.integration.projections.history import History
from tests.loops import pytest_asyncio_loop_factories  # noqa: F401 - a hook


@pytest.fixture
def history(store: EventStore) -> History:
    """An empty history."""
    return History(store)
