"""Asks the payment provider what can be paid with, so that an order which cannot be paid is rejected when it is
placed."""

from __future__ import annotations

import asyncio

import structlog

from commerce.eventstore import Pool
from commerce.outside.errors import RequestRejected
from commerce.outside.retries import growing
from commerce.payments.methods import keep_methods
from commerce.payments.ports import PaymentProvider
from commerce.values.errors import Unavailable

ASKED_EVERY_S = 60.0
"""Seconds until the provider is asked again, once it has answered."""

_log = structlog.stdlib.get_logger(__name__)


async def keep_asking(provider: PaymentProvider, pool: Pool) -> None:
    """Ask now and then, until cancelled; while the provider does not answer, nothing is known and every method is
    accepted."""
    in_vain = 0
    while True:
        methods, answered = await _methods(provider)
        try:
            await keep_methods(pool, methods)
        except Unavailable as error:
            answered = False
            _log.debug("payment methods cannot be kept", reason=str(error))
        in_vain = 0 if answered else in_vain + 1
        await asyncio.sleep(ASKED_EVERY_S if answered else growing(in_vain))


async def _methods(provider: PaymentProvider) -> tuple[frozenset[str] | None, bool]:
    """What the provider names, and whether it answered."""
    try:
        return await provider.payment_methods(), True
    except RequestRejected:
        return None, True
    except Unavailable as error:
        _log.debug("the payment provider does not say what can be paid with", reason=str(error))
        return None, False
