"""A log with the tables of all read models beside it."""

from __future__ import annotations

import pytest

from commerce.eventstore import EventStore
from projections import ALL
from projections.engine.projection import make_tables
from tests.integration.projections.history import History


@pytest.fixture
async def history(store: EventStore) -> History:
    """An empty history."""
    await make_tables(store.pool, ALL)
    return History(store)
