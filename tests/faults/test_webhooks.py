"""Word of the provider that comes late, twice, out of order or forged: the same money as without any."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.harmed import Harm
from tests.faults.load import Load, shoppers
from tests.system.conftest import System, running

RATE_PER_S = 10
FORGED = 20
KINDS = ("captured", "refunded", "voided", "authorized")


@pytest.mark.long
@pytest.mark.fault("webhooks late, doubled, reordered, forged", "simulator, 3 of 10 answers of calls lost besides")
@pytest.mark.parametrize("mode", ["late", "twice", "shuffled"])
async def test_webhooks_lead_to_the_same_money_as_none(tmp_path: Path, mode: str) -> None:
    """Where an answer is lost, the word of it arrives while the call is made again."""
    harm = Harm(tmp_path / "harm", "provider-loses-answers")
    settings = {**harm.settings, "COMMERCE_SIMULATED_WEBHOOKS": mode}
    with running(tmp_path / "home", settings=settings) as system:
        async with shoppers(system) as load:
            load.cancels = True
            forging = asyncio.create_task(forge(system, load))
            await load.paced(report.orders(200), RATE_PER_S)
            report.count(forged=await forging, answers_lost=harm.calm().total())
            await agree(system, load)
        report.count(webhooks=taken(system))


async def forge(system: System, load: Load) -> int:
    """Send word of what never happened, unsigned and with a signature of somebody else's; none is taken."""
    for number in range(FORGED):
        await asyncio.sleep(0.5)
        data = {"authorization_id": "auth_forged", "order_id": (load.accepted or [str(uuid4())])[-1]}
        body = json.dumps({"id": f"evt_{number}", "type": KINDS[number % 4], "created": 1, "data": data})
        signed = {"Webhook-Signature": f"t=1,v1={'0' * 64}"} if number % 2 else {}
        headers = {"Content-Type": "application/json", **signed}
        answer = await load.http.post(f"{system.api_url}/api/v1/webhooks/http", content=body, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text
    return FORGED


def taken(system: System) -> int:
    """How many are on record."""
    with system.database() as database:
        row = database.execute(
            "SELECT count(*) FROM commerce_events WHERE topic = 'payments.WebhookReceived'"
        ).fetchone()
    assert row is not None
    assert row[0] > 0
    return int(row[0])
