"""What `POST /orders` costs as shipped, against a route of FastAPI that only validates the same body and answers.

The server under test has one core to itself. The load and PostgreSQL share the other, as the question is what one API
process can do, not what is left of it beside a database; how busy they kept theirs is noted, which shows that nobody
waited for it.
"""

from __future__ import annotations

import base64
import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from statistics import median
from uuid import uuid4

import psycopg

from bench import http_peer
from bench.harness import OURS, Report, Target
from bench.http_load import Load, Measured, load
from bench.servers import LATENCIES, MASTER_KEY, Server, server
from commerce.cli.system.system_process import SystemProcess, api_process
from commerce.embedded.ports import LOOPBACK, free_port
from commerce.ordering.events import OrderPlaced
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import Role, issue_token

CONNECTIONS = 64
ROUNDS = 8
"""Many and short, so that a machine that is slow for some seconds is so for all contenders."""
SECONDS = 1.4
WARM_UP = 0.3
FIRST = 8.0
"""Seconds of load before anything is measured: then each customer has a key and a checked token, and no table is
new."""
PRODUCTS = 100
CUSTOMERS = 1000

Requests = Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Contender:
    """A server's process, and what it is asked, again and again."""

    process: SystemProcess
    requests: Requests
    status: int


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured: us, the peers, and what is to be reached."""

    name: str
    contenders: Mapping[str, Contender]
    rate: float | None = None
    p99: float | None = None


async def run(report: Report) -> None:
    """Compare, on a quick commit and on a slow one."""
    everywhere = os.sched_getaffinity(0)
    loading, *_, serving = sorted(everywhere) if len(everywhere) > 1 else sorted(everywhere) * 2
    os.sched_setaffinity(0, {loading})  # PostgreSQL is started from here, and so stays here
    try:
        with server() as database, running(database, serving) as (api, peer):
            shop = Shop(api, database)
            shop.stock()
            await _turn(shop.placing(peer)[OURS], FIRST)
            for latency, microseconds in LATENCIES.items():
                database.set_commit_latency(microseconds)
                await compare(report, Case(f"POST, {latency}", shop.placing(peer), rate=0.5, p99=5))
            await compare(report, Case("GET of an order", shop.reading(peer)))
    finally:
        os.sched_setaffinity(0, everywhere)


@contextmanager
def running(database: Server, core: int) -> Iterator[tuple[SystemProcess, SystemProcess]]:
    """The API, as `commerce up` starts it, and the peer under uvicorn; both on one core, on which they take turns."""
    keys = database.home / "keys"
    (keys / "master.key").write_bytes(base64.b64encode(MASTER_KEY))
    logs = database.home / "logs"
    told = {"COMMERCE_HOME": str(database.home), "COMMERCE_DATABASE_URL": database.postgres.app_url}
    port = free_port()
    environment = {**os.environ, **told, "COMMERCE_API_PORT": str(port)}
    started = api_process("api", environment, logs, LOOPBACK, port), http_peer.process(environment, logs)
    try:
        for process in started:
            process.start()
            assert process.pid is not None
            os.sched_setaffinity(process.pid, {core})
        for process in started:
            _await_well(process)
        yield started
    finally:
        for process in started:
            process.stop()


def _await_well(process: SystemProcess) -> None:
    until = time.monotonic() + 30
    while problem := process.problem():
        if time.monotonic() > until:
            raise RuntimeError(f"{process.name} is not well: {problem}")
        time.sleep(0.1)


class Shop:
    """What the API is asked: by a thousand customers, each with a token, for two of a hundred products."""

    def __init__(self, api: SystemProcess, database: Server) -> None:
        self._api = api
        self._log_url = database.postgres.app_url
        self._settings = Settings(home=database.home)
        self._customers = [uuid4() for _ in range(CUSTOMERS)]
        self._tokens = [self._token("customer", str(customer)) for customer in self._customers]
        self._bodies = [_order(number) for number in range(PRODUCTS)]
        self._placed = count()

    def stock(self) -> None:
        """Add the products."""
        token = self._token("operator", "bench")
        for number in range(PRODUCTS):
            product = {"name": f"Product {number}", "price": {"amount": "19.99", "currency": "EUR"}}
            self._put(f"/api/v1/products/SKU-{number}", token, json.dumps(product).encode())

    def placing(self, peer: SystemProcess) -> dict[str, Contender]:
        """`POST /orders`, each with a key of its own."""
        return {
            OURS: Contender(self._api, lambda: self._orders("/api/v1/orders", self._placed), 202),
            "FastAPI, a dict": Contender(peer, lambda: self._orders("/dict", count()), 202),
            "FastAPI, a ready Response": Contender(peer, lambda: self._orders("/response", count()), 202),
        }

    def reading(self, peer: SystemProcess) -> dict[str, Contender]:
        """`GET /orders/{order_id}`, of the first orders that were placed."""
        return {
            OURS: Contender(self._api, lambda: self._looks("/api/v1/orders"), 200),
            "FastAPI, nothing read": Contender(peer, lambda: self._looks("/orders"), 200),
        }

    def _orders(self, path: str, numbers: Iterator[int]) -> Iterator[bytes]:
        for number in numbers:
            head = {"Authorization": f"Bearer {self._tokens[number % CUSTOMERS]}", "Idempotency-Key": _key(number)}
            yield _request("POST", path, head, self._bodies[number % PRODUCTS])

    def _looks(self, path: str) -> Iterator[bytes]:
        tokens = dict(zip(map(str, self._customers), self._tokens, strict=True))
        with closing(psycopg.connect(self._log_url)) as log:
            placed = log.execute(
                """SELECT originator_id, convert_from(state, 'UTF8')::json ->> 'customer_id' FROM commerce_events
                   WHERE topic = %s ORDER BY notification_id LIMIT %s""",
                [OrderPlaced.TOPIC, CUSTOMERS],
            ).fetchall()
        for order_id, customer in cycle(placed):
            yield _request("GET", f"{path}/{order_id}", {"Authorization": f"Bearer {tokens[customer]}"})

    def _token(self, role: Role, subject: str) -> str:
        return issue_token(self._settings, role=role, subject=subject)

    def _put(self, path: str, token: str, body: bytes) -> None:
        head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        sent = urllib.request.Request(f"{self._api.url()}{path}", body, head, method="PUT")
        with urllib.request.urlopen(sent) as answer:
            answer.read()


def _order(number: int) -> bytes:
    lines = [{"sku": f"SKU-{(number + other) % PRODUCTS}", "quantity": 1 + other} for other in (0, 7)]
    place = {"line1": "12 Engine Row", "city": "London", "postcode": "W1", "country": "GB"}
    address = {"name": "Ada Lovelace", **place}
    body = {"currency": "EUR", "lines": lines, "shipping_address": address, "payment_method": "pm_card_ok"}
    return json.dumps(body).encode()


def _key(number: int) -> str:
    return f"order-{number:08}"


def _request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    about = {"Host": LOOPBACK, **headers}
    if body:
        about |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in about.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def compare(report: Report, case: Case) -> None:
    """Let all take turns, and note answers per second, 99th percentile and processor time per answer."""
    found: dict[str, list[Measured]] = {name: [] for name in case.contenders}
    for number in range(ROUNDS):
        for name, contender in case.contenders.items():
            await _turn(contender, WARM_UP)
            measured = await _turn(contender, SECONDS)
            found[name].append(measured)
            print(f"  http, {case.name}: round {number + 1}, {name}: {measured}", flush=True)
    ours = found.pop(OURS)
    for peer, theirs in found.items():
        for what, unit, figure, targets in (
            ("", "answers/s", "rate", [Target(peer, ">=", case.rate)] if case.rate else []),
            (", p99", "ms", "p99", [Target(peer, "<=", case.p99)] if case.p99 else []),
            (", processor time", "µs/answer", "processor", []),
        ):
            rounds = [[getattr(measured, figure) for measured in each] for each in (theirs, ours)]
            report.note(case.name + what, unit, peer=peer, peer_rounds=rounds[0], our_rounds=rounds[1], targets=targets)
    busy = median(measured.load_core for measured in ours)
    report.notes.append(f"{case.name}: the core of the load and of PostgreSQL was busy for {busy:.0%} of our rounds")


async def _turn(contender: Contender, seconds: float) -> Measured:
    process = contender.process
    port = int(process.url().rpartition(":")[2])
    assert process.pid is not None
    return await load(Load(port, contender.requests(), CONNECTIONS, seconds, contender.status), server=process.pid)
