"""What the simulated provider sends word of: movements of money and disputes, on time, late, twice, or shuffled."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime

import structlog
from aiohttp import ClientError, ClientSession

from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage
from workers.gateways.http_session import open_session
from workers.runtime.subscriptions import in_background
from workers.simulation.ledger import Ledger

SCHEMA = """
CREATE TABLE IF NOT EXISTS news (
    news_id INTEGER PRIMARY KEY AUTOINCREMENT,
    authorization_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS news_of_money AFTER INSERT ON entries WHEN NEW.authorization_id IS NOT NULL BEGIN
    INSERT INTO news (authorization_id, order_id, kind, at)
    VALUES (NEW.authorization_id, NEW.order_id, NEW.kind, NEW.at);
END;
CREATE TRIGGER IF NOT EXISTS news_of_disputes AFTER INSERT ON disputes BEGIN
    INSERT INTO news (authorization_id, order_id, kind, at)
    VALUES (NEW.authorization_id, NEW.order_id, 'disputed', NEW.at);
END;
CREATE TRIGGER IF NOT EXISTS news_of_closed_disputes AFTER UPDATE OF status ON disputes BEGIN
    INSERT INTO news (authorization_id, order_id, kind, at)
    VALUES (NEW.authorization_id, NEW.order_id, 'dispute_' || NEW.status, NEW.at);
END;
CREATE TABLE IF NOT EXISTS news_told (only INTEGER PRIMARY KEY CHECK (only = 1), news_id INTEGER NOT NULL);
"""
"""What there is to tell, and the last of it of which word was sent, with all before it."""

LOOK_INTERVAL_S = 0.2
LATE_S = 10.0
SHUFFLED_WITHIN_S = 3.0
CALL_TIMEOUT_S = 5.0
MOST_TRIES = 8
"""Each after twice the pause of the one before, from half a second on; then the message is given up."""

MOST_WAITING_MESSAGES = 1_000
"""Messages that wait to be sent; while so many do, no further news are read."""

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message, as it is sent each time."""

    news_id: int
    body: str
    pause_s: float


def sending(settings: Settings, ledger: Ledger) -> AbstractAsyncContextManager[object]:
    """Send word of what happens from now on, until the block ends, if the settings say so and where to.

    Raises `BadUsage` where they do not say where to, or with which secret.
    """
    if settings.simulated_webhooks == "never":
        return nullcontext()
    secret = settings.checked_webhook_secret()
    if settings.webhook_url is None or secret is None:
        raise BadUsage("COMMERCE_SIMULATED_WEBHOOKS needs COMMERCE_WEBHOOK_URL and COMMERCE_WEBHOOK_SECRET")
    return _sending(Webhooks(ledger, settings.webhook_url, secret, settings.simulated_webhooks))


@asynccontextmanager
async def _sending(webhooks: Webhooks) -> AsyncIterator[None]:
    async with open_session(CALL_TIMEOUT_S, {}) as session, in_background(webhooks.run(session), "webhooks"):
        yield


class Webhooks:
    """Reads the news in the ledger, and sends each; after a restart some are sent again, under the same ids."""

    def __init__(self, ledger: Ledger, url: str, secret: str, mode: str) -> None:
        self._ledger = ledger
        self._url = url
        self._secret = secret
        self._mode = mode
        self._waiting: dict[asyncio.Task[None], int] = {}
        self._read = self._noted = 0

    async def run(self, session: ClientSession) -> None:
        """Look for news again and again, until cancelled; what waits then is sent after the next start."""
        self._read = self._noted = await self._ledger.do(_begin)
        try:
            while True:
                for told in await self._ledger.do(self._next):
                    self._read = max(self._read, told.news_id)
                    task = asyncio.create_task(self._send(session, told))
                    self._waiting[task] = told.news_id
                    task.add_done_callback(self._waiting.pop)
                await self._note()
                await asyncio.sleep(LOOK_INTERVAL_S)
        finally:
            for task in list(self._waiting):
                task.cancel()

    def _next(self, connection: sqlite3.Connection) -> list[QueuedMessage]:
        return _after(connection, self._read, MOST_WAITING_MESSAGES - len(self._waiting), self._mode)

    async def _note(self) -> None:
        """Write down up to where everything was sent, or given up."""
        sent = min(self._waiting.values(), default=self._read + 1) - 1
        if sent > self._noted:
            await self._ledger.do(lambda connection: _note(connection, sent))
            self._noted = sent

    async def _send(self, session: ClientSession, told: QueuedMessage) -> None:
        """Send a message until it is taken, or given up."""
        await asyncio.sleep(told.pause_s)
        for tried in range(MOST_TRIES):
            if await self._is_taken(session, told.body):
                return
            await asyncio.sleep(0.5 * 2**tried)
        _log.warning("a webhook was given up", news_id=told.news_id, tries=MOST_TRIES)

    async def _is_taken(self, session: ClientSession, body: str) -> bool:
        headers = {"Webhook-Signature": signature(body, self._secret), "Content-Type": "application/json"}
        try:
            async with session.post(self._url, data=body.encode(), headers=headers, allow_redirects=False) as response:
                return 200 <= response.status < 300
        except (ClientError, TimeoutError, OSError):
            return False


def signature(body: str, secret: str) -> str:
    """The signature of a body, as Stripe has it; it names the time, and is made anew for each try."""
    from stripe import WebhookSignature  # noqa: PLC0415 - it takes 0.3 s to import

    return str(WebhookSignature.generate_signature_header(body, secret))


def _begin(connection: sqlite3.Connection) -> int:
    """Where to go on; at the first start, with what is entered after it."""
    connection.execute(
        "INSERT INTO news_told SELECT 1, coalesce(max(news_id), 0) FROM news WHERE true ON CONFLICT DO NOTHING"
    )
    (news_id,) = connection.execute("SELECT news_id FROM news_told").fetchone()
    return int(news_id)


def _note(connection: sqlite3.Connection, news_id: int) -> None:
    connection.execute("UPDATE news_told SET news_id = ?", (news_id,))


def _after(connection: sqlite3.Connection, news_id: int, limit: int, mode: str) -> list[QueuedMessage]:
    rows = connection.execute(
        "SELECT * FROM news WHERE news_id > ? ORDER BY news_id LIMIT ?",
        (news_id, max(limit, 0)),
    ).fetchall()
    return [QueuedMessage(row["news_id"], _body(row), pause_s) for row in rows for pause_s in _pauses(mode)]


def _pauses(mode: str) -> list[float]:
    """How long each copy of a message waits before it is sent, in seconds."""
    match mode:
        case "late":
            return [LATE_S]
        case "twice":
            return [0.0, 0.5]
        case "shuffled":
            return [random.uniform(0, SHUFFLED_WITHIN_S)]
    return [0.0]


def _body(row: sqlite3.Row) -> str:
    created = int(datetime.fromisoformat(row["at"]).timestamp())
    data = {"authorization_id": row["authorization_id"], "order_id": row["order_id"]}
    return json.dumps({"id": f"evt_{row['news_id']}", "type": row["kind"], "created": created, "data": data})
