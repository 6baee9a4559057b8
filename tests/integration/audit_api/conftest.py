"""The audit's tests use the same running API as the API's own."""

from tests.integration.api.conftest import no_heads, settings, shop
from tests.loops import pytest_asyncio_loop_factories

__all__ = ["no_heads", "pytest_asyncio_loop_factories", "settings", "shop"]
