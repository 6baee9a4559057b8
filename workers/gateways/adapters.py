"""Connects with the payment provider and the carrier that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from commerce.payments.ports import PaymentProvider
from commerce.runtime.settings import Settings
from commerce.shipping.ports import Carrier
from workers.gateways.call_watch import CallWatch
from workers.gateways.http_carrier import HttpCarrier
from workers.gateways.http_provider import HttpPaymentProvider


def open_provider(
    settings: Settings, watch: CallWatch | None = None, call_timeouts_s: Mapping[str, float] | None = None
) -> AbstractAsyncContextManager[PaymentProvider]:
    """The adapter for the provider. Raises `BadUsage`."""
    back = settings.checked_return_url()
    if settings.provider == "http":
        url = settings.required("provider_url")
        return HttpPaymentProvider(url, watch=watch, call_timeouts_s=call_timeouts_s, return_url=back)
    from workers.gateways.stripe_provider import StripePaymentProvider  # noqa: PLC0415 - its SDK takes 0.2 s to import

    key, base = settings.stripe_test_key(), settings.stripe_api_base
    return StripePaymentProvider(key, base, watch, call_timeouts_s, back)


def open_carrier(
    settings: Settings, watch: CallWatch | None = None, call_timeouts_s: Mapping[str, float] | None = None
) -> AbstractAsyncContextManager[Carrier]:
    """The adapter for the carrier. Raises `BadUsage`."""
    return HttpCarrier(settings.required("carrier_url"), watch=watch, call_timeouts_s=call_timeouts_s)
