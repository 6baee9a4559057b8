"""The payments worker asks the provider what can be paid with, and makes it known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from commerce.payments import methods
from commerce.payments.methods import PaymentMethods, keep_methods
from commerce.runtime.tasks import end_tasks
from commerce.values.errors import InvalidInput
from tests.integration.gateways.lying_party import Body, lying
from tests.integration.workers.shop import Shop
from tests.waiting import eventually
from workers.gateways import payment_methods
from workers.gateways.http_provider import HttpPaymentProvider
from workers.gateways.payment_methods import keep_asking
from workers.simulation.card_payments import METHODS


async def test_what_the_provider_names_is_known(shop: Shop) -> None:
    async with HttpPaymentProvider(shop.provider_url) as provider:
        assert await provider.payment_methods() == frozenset(METHODS)


@pytest.mark.parametrize(
    "answer",
    [
        b"{}",
        b'{"payment_methods": []}',
        b'{"payment_methods": "pm_card_ok"}',
        b'{"payment_methods": ["pm_card_ok", 7]}',
        b'{"payment_methods": ["pm_card_ok", "pm\\u0000"]}',
        b'{"payment_methods": [' + b", ".join([b'"pm"'] * 1_001) + b"]}",
        b'{"code": "not_found", "detail": "no such route"}',
    ],
)
async def test_a_provider_that_names_nothing_that_can_be_used_names_nothing(shop: Shop, answer: bytes) -> None:
    def say(_place: str, _true: Body) -> bytes:
        return answer

    async with lying(shop.provider_url, say) as url, HttpPaymentProvider(url) as provider:
        assert await provider.payment_methods() is None


async def test_what_is_known_is_forgotten_while_the_provider_does_not_answer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_methods, "ASKED_EVERY_S", 0.01)
    monkeypatch.setattr(methods, "_UNKNOWN_FOR_S", 0.0)
    known = PaymentMethods(shop.store.pool)
    is_well = [True]

    def say(_place: str, _true: Body) -> Body | bytes | None:
        return None if is_well[0] else b""

    async with lying(shop.provider_url, say) as url, HttpPaymentProvider(url) as provider:
        asking = asyncio.create_task(keep_asking(provider, shop.store.pool))
        await eventually(_refuses(known))
        is_well[0] = False
        await eventually(_accepts(known))
        await end_tasks([asking])
        with suppress(asyncio.CancelledError):
            await asking


async def test_a_known_method_is_not_looked_up_again(shop: Shop) -> None:
    known = PaymentMethods(shop.store.pool)
    await keep_methods(shop.store.pool, METHODS)
    await known.check("pm_card_ok")
    await keep_methods(shop.store.pool, ["another"])
    await known.check("pm_card_ok")


def _refuses(known: PaymentMethods) -> Callable[[], object]:
    async def refuses() -> bool:
        with suppress(InvalidInput):
            await known.check("cash")
            return False
        return True

    return refuses


def _accepts(known: PaymentMethods) -> Callable[[], object]:
    async def accepts() -> bool:
        with suppress(InvalidInput):
            await known.check("cash")
            return True
        return False

    return accepts
