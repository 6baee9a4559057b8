"""The audit's tests use the same running API as the API's own."""

from tests.integration.api.conftest import no_heads, settings, shop

__all__ = ["no_heads", "settings", "shop"]
