"""A log with the tables of all read models beside it."""

from __future__ import annotations

import pytest

from commerce.eventstore import EventStore
from tests.integration.projections.history import History


@pytest.fixture
def template(with_read_models: str) -> str:
    return with_read_models


@pytest.fixture
def history(store: EventStore) -> History:
    """An empty history."""
    return History(store)
