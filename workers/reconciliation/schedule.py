"""Has a party's ledger compared with ours from time to time, by one of a worker's replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta

import psycopg
import structlog

from commerce.eventstore import EventStore
from commerce.runtime.settings import Settings
from commerce.saga.reconciliation_window import ReconciliationWindow, reconciliation_window
from commerce.values.errors import CommerceError
from workers.reconciliation.comparison import Comparison, Reconciled, log_result
from workers.reconciliation.ledgers import PartyLedger, Thing
from workers.reconciliation.results import RUN_LIMIT_S, claim, keep_result

LOOK_INTERVAL_S = 60.0
"""Seconds between two looks at whether a comparison is due."""

_log = structlog.stdlib.get_logger(__name__)


def keep_reconciling(
    store: EventStore, ledger: PartyLedger[Thing], settings: Settings
) -> Coroutine[object, object, None]:
    """Compare whenever it is due, until cancelled; never where the interval is 0. Raises `BadUsage`, before it is
    awaited, for settings that contradict each other."""
    return _keep(store, ledger, reconciliation_window(settings), timedelta(seconds=settings.reconciliation_interval_s))


async def _keep(
    store: EventStore, ledger: PartyLedger[Thing], window: ReconciliationWindow, interval: timedelta
) -> None:
    while interval:
        try:
            if await claim(store.pool, ledger.party, interval):
                log_result(await compare_once(store, ledger, window))
        except (CommerceError, psycopg.Error) as error:
            _log.warning("the ledgers could not be compared", party=ledger.party, reason=str(error))
        await asyncio.sleep(LOOK_INTERVAL_S)


async def compare_once(store: EventStore, ledger: PartyLedger[Thing], window: ReconciliationWindow) -> Reconciled:
    """Compare once, within the time that there is, and keep what it came to. Raises `Unavailable`."""
    comparison = Comparison(store, ledger, window)
    try:
        async with asyncio.timeout(RUN_LIMIT_S):
            result = await comparison.run()
    except TimeoutError:
        result = comparison.result
        result.problem = f"it took longer than {RUN_LIMIT_S:.0f} s; compare fewer days"
    await keep_result(store.pool, result)
    return result
