"""A log with the tables of all read models beside it."""

from __future__ import annotations

import pytest

from commerce.eventstore import EventStore
from tests.integration.projections.history import History


@pytest.fixture
def history(store: EventStore) -> History:
    """An empty history."""
    return History(store)
