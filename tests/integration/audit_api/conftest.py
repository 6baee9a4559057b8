"""The audit's tests use the same running API as the API's own."""

from tests.integration.api.conftest import settings, shop

__all__ = ["settings", "shop"]
