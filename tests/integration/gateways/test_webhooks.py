"""The simulated provider sends word of what it does, in every way that real ones do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from stripe import WebhookSignature

from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage
from commerce.values.money import Money
from tests.waiting import eventually
from workers.simulation import card_disputes, card_payments, idempotency, webhooks
from workers.simulation.card_disputes import DisputeTerms
from workers.simulation.ledger import Ledger, open_ledger
from workers.simulation.money_entries import book

SECRET = "a-secret-of-the-test"


class Listener:
    """Where word is sent; it rejects the first `rejects` messages."""

    def __init__(self, rejects: int = 0) -> None:
        self.rejects = rejects
        self.heard: list[tuple[str, str]] = []
        self.url = ""

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Take a message whose signature is right."""
        body = await request.text()
        WebhookSignature.verify_header(body, request.headers["Webhook-Signature"], SECRET, 300)
        message = json.loads(body)
        if self.rejects:
            self.rejects -= 1
            return web.Response(status=503)
        self.heard.append((message["id"], message["type"]))
        return web.Response()


@asynccontextmanager
async def listening(rejects: int = 0) -> AsyncIterator[Listener]:
    listener = Listener(rejects)
    runner = web.ServerRunner(web.Server(listener.answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield listener
    finally:
        await runner.cleanup()


@asynccontextmanager
async def provider(folder: Path, url: str, mode: str) -> AsyncIterator[Ledger]:
    """A ledger of which word is sent."""
    settings = Settings(home=folder, webhook_url=url, webhook_secret=SECRET).model_copy(
        update={"simulated_webhooks": mode}
    )
    schema = idempotency.SCHEMA + card_payments.SCHEMA + webhooks.SCHEMA
    async with open_ledger(folder / "provider.sqlite3", schema) as ledger, webhooks.sending(settings, ledger):
        await asyncio.sleep(0.05)
        yield ledger


async def enter(ledger: Ledger, *kinds: str) -> None:
    """Movements of money."""
    for kind in kinds:
        name = str(kind)
        await ledger.do(lambda it, name=name: book(it, "order-1", "auth_1", name, Money.of("5.00", "EUR"), key="k"))  # type: ignore[misc]


async def hears(listener: Listener, *expected: tuple[str, str]) -> None:
    """Wait until all of it was heard, in whichever order."""

    async def is_heard() -> bool:
        return sorted(listener.heard) == sorted(expected)

    await eventually(is_heard)


@pytest.mark.parametrize("mode", ["on_time", "late", "twice", "shuffled"])
async def test_word_is_sent_of_every_movement_of_money(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(webhooks, "LATE_S", 0.4)
    monkeypatch.setattr(webhooks, "SHUFFLED_WITHIN_S", 0.3)
    expected = [("evt_1", "authorized"), ("evt_2", "captured")]
    async with listening() as listener, provider(tmp_path, listener.url, mode) as ledger:
        await enter(ledger, "authorized", "captured")
        await hears(listener, *expected, *(expected if mode == "twice" else []))


async def test_word_is_sent_of_a_dispute_and_of_its_end(tmp_path: Path) -> None:
    async with listening() as listener, provider(tmp_path, listener.url, "on_time") as ledger:
        terms = DisputeTerms(None, "fraudulent", None)
        await ledger.do(lambda it: card_disputes.enter_dispute(it, "order-1", "auth_1", Money.of("5.00", "EUR"), terms))
        await ledger.do(lambda it: card_disputes.close(it, "k", "dp_1", "won"))
        await hears(listener, ("evt_1", "disputed"), ("evt_2", "dispute_won"))


async def test_word_that_is_not_taken_is_sent_again(tmp_path: Path) -> None:
    async with listening(rejects=2) as listener, provider(tmp_path, listener.url, "on_time") as ledger:
        await enter(ledger, "authorized")
        await hears(listener, ("evt_1", "authorized"))


async def test_never_means_never_and_what_was_entered_before_is_not_told(tmp_path: Path) -> None:
    async with listening() as listener:
        async with provider(tmp_path, listener.url, "never") as ledger:
            await enter(ledger, "authorized")
        async with provider(tmp_path, listener.url, "on_time") as ledger:
            await enter(ledger, "captured")
            await hears(listener, ("evt_2", "captured"))


async def test_what_nobody_took_before_a_restart_is_sent_after_it(tmp_path: Path) -> None:
    async with listening(rejects=1) as listener:
        async with provider(tmp_path, listener.url, "on_time") as ledger:
            await enter(ledger, "authorized")

            async def was_rejected() -> bool:
                return listener.rejects == 0

            await eventually(was_rejected)
        async with provider(tmp_path, listener.url, "on_time"):
            await hears(listener, ("evt_1", "authorized"))


async def test_without_an_address_or_a_secret_it_does_not_start(tmp_path: Path) -> None:
    async with open_ledger(tmp_path / "x.sqlite3", card_payments.SCHEMA) as ledger:
        with pytest.raises(BadUsage, match="COMMERCE_WEBHOOK_URL"):
            webhooks.sending(Settings(home=tmp_path, simulated_webhooks="late"), ledger)
