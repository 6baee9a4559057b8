"""Orders of every outcome, placed over HTTP by many clients, and the count of those that are unfinished when harm
is done."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import uuid4

import httpx2
import psycopg

from commerce.runtime.tasks import end_tasks
from tests.system.conftest import ADDRESS, System
from tests.waiting import eventually

CLIENTS = 40
ENOUGH = 20
"""Orders that have to be unfinished when harm is done."""
CURRENCY = "GBP"
SKUS = [f"thing-{number}" for number in range(5)]
SCARCE = "scarce"
END_WITHIN_S = 60.0
"""Orders end within this time of the last fault, and of the last order; unless a test says why they take longer."""

_TIMEOUT = httpx2.Timeout(20.0)
_TIMEOUT_S = 120.0
_END_TIMEOUT_S = 240.0
"""Once no harm is done any more: for the orders to end that are to be cancelled then."""
_PAUSE = 0.1
"""Seconds."""
_AT_A_TIME = 5
_CANCELLED_ON_ITS_WAY, _CANCELLED_AT_THE_END = 17, 19
"""Which of twenty orders is cancelled at once, and which once it is confirmed."""
_PLACED = "ordering.OrderPlaced"
_ENDS = ["ordering.OrderConfirmed", "ordering.OrderRejected", "ordering.OrderCancelled"]
_SETTLED = ["ordering.OrderRejected", "ordering.OrderCancelled", "ordering.OrderCancellationRefused"]
_UNFINISHED: LiteralString = """
    SELECT order_id::text FROM (
        SELECT correlation_id AS order_id, bool_or(topic = ANY(%(ends)s)) AS ended,
               bool_or(topic = ANY(%(settled)s)) AS settled,
               bool_or(topic = 'ordering.OrderCancellationRequested') AS asked
        FROM commerce_events WHERE notification_id > %(after)s AND topic LIKE 'ordering.%%'
          AND correlation_id <> ALL (ARRAY(
              SELECT correlation_id FROM commerce_events WHERE %(cases)s AND topic = 'saga.CaseOpened'))
        GROUP BY correlation_id HAVING bool_or(topic = %(placed)s)
    ) AS orders WHERE NOT ended OR (asked AND NOT settled)"""
_SHOWN = 3


_HISTORY: LiteralString = (
    "SELECT recorded_at, topic FROM commerce_events WHERE correlation_id = %s ORDER BY notification_id"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API and what became of it; `cut` says how a connection that stood was lost under it."""

    what: str
    seconds: float
    status: int | None
    cut: str | None


@dataclass
class Load:
    """The clients of one system; they ask again, under the same key, until an order is accepted."""

    system: System
    http: httpx2.AsyncClient
    wait: int = 0
    """Seconds for which a client asks to be kept waiting for the end of its order."""
    cancels: bool = False
    """Whether two of twenty orders are cancelled: one on its way, and one that is confirmed by then."""
    accepted: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    faults: list[tuple[str, int]] = field(default_factory=list)
    _clients: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CLIENTS))
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def open(self) -> int:
        """How many orders were begun and are not acknowledged yet, or are to be cancelled."""
        return sum(not task.done() for task in self._tasks)

    def begin(self, orders: int) -> None:
        """Have so many more orders placed, by the clients that are free."""
        first = len(self._tasks)
        self._tasks += [asyncio.create_task(self._place(first + number)) for number in range(orders)]

    async def paced(self, orders: int, per_s: float) -> None:
        """Have orders placed one after the other, about so many each second, and wait until all are acknowledged."""
        for _ in range(orders):
            self.begin(1)
            await asyncio.sleep(1 / per_s)
        await self.all_accepted()

    async def all_accepted(self) -> None:
        """Wait until every order that was begun is acknowledged, and its cancellation where it is to be cancelled.

        It may take long while harm is done, as a confirmed order is waited for; what counts is when that is over.
        """
        if not self._tasks:
            return
        done, late = await asyncio.wait(self._tasks, timeout=_END_TIMEOUT_S, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
        if late:
            of_orders = sorted({task.get_name() for task in late} & set(self.accepted))
            told = [line for order_id in of_orders for line in history(self.system, order_id)]
            raise TimeoutError("\n".join([f"{len(late)} clients still wait", *told]))

    async def strike(self, what: str, harm: Callable[[], object | Awaitable[object]], orders: int = 40) -> None:
        """Begin orders, and do harm once some of them are accepted, and at least 20 of all are unfinished."""
        before = len(self.accepted)
        self.begin(orders)
        with self.system.database() as database:
            found = 0

            def enough() -> bool:
                nonlocal found
                found = unfinished(database)
                return len(self.accepted) > before and found >= ENOUGH

            await eventually(enough, 60)
            done = harm()
            if inspect.isawaitable(done):
                await self._ordering_on(asyncio.ensure_future(done))
                found = unfinished(database)
        self.faults.append((what, found))
        print(f"{what}: {found} orders unfinished, {len(self.accepted)} accepted so far")
        assert found >= ENOUGH, "too few orders were unfinished; the harm was done too late"

    @property
    def slowest(self) -> float:
        """Seconds that the slowest request took."""
        return max(request.seconds for request in self.requests)

    async def _ordering_on(self, harm: asyncio.Future[object]) -> None:
        """Have more orders placed until the harm is done, about as fast as they end, as it may wait for something
        to happen."""
        while not harm.done():
            self.begin(_AT_A_TIME)
            await asyncio.wait([harm], timeout=_PAUSE)
        harm.result()

    async def _place(self, number: int) -> None:
        key = str(uuid4())
        body = order(number)
        async with self._clients, asyncio.timeout(_TIMEOUT_S):
            while (order_id := await self._ask(key, body)) is None:  # noqa: ASYNC110 - a client pauses
                await asyncio.sleep(_PAUSE)
        if self.cancels and number % 20 in (_CANCELLED_ON_ITS_WAY, _CANCELLED_AT_THE_END):
            client = asyncio.current_task()
            assert client is not None
            client.set_name(order_id)
            await self._cancel(order_id, at_the_end=number % 20 == _CANCELLED_AT_THE_END)

    @asynccontextmanager
    async def browsing(self) -> AsyncIterator[None]:
        """While the block runs, somebody looks at orders, lists and shelves all the time."""

        async def browse() -> None:
            while True:
                for path in [f"/orders/{order_id}" for order_id in self.accepted[-1:]] + ["/orders", "/inventory"]:
                    answer = await self._request("GET", path)
                    assert answer is None or answer.status_code in (200, 503), answer.text
                    await asyncio.sleep(_PAUSE)

        reader = asyncio.create_task(browse())
        try:
            yield
        finally:
            await end_tasks([reader])
        assert reader.cancelled(), reader.exception()

    async def _ask(self, key: str, body: dict[str, object]) -> str | None:
        """Ask once; the id of the order, if it was accepted."""
        prefer = {"Prefer": f"wait={self.wait}"} if self.wait else {}
        answer = await self._request("POST", "/orders", body, {"Idempotency-Key": key, **prefer})
        if answer is None or answer.status_code == 503:
            return None
        assert answer.status_code in (200, 202), answer.text
        self.accepted.append(str(answer.json()["order_id"]))
        return self.accepted[-1]

    async def _cancel(self, order_id: str, *, at_the_end: bool) -> None:
        """Ask until the cancellation is accepted; then all is undone that was done by then."""
        body: dict[str, object] = {"reason": "changed my mind"}
        while at_the_end:
            await asyncio.sleep(_PAUSE)
            answer = await self._request("GET", f"/orders/{order_id}")
            at_the_end = answer is None or answer.status_code != 200 or answer.json()["status"] == "placed"
        while (  # noqa: ASYNC110 - a client pauses before it asks again
            answer := await self._request("POST", f"/orders/{order_id}/cancellation", body)
        ) is None or answer.status_code == 503:
            await asyncio.sleep(_PAUSE)
        assert answer.status_code in (202, 409), answer.text

    async def _request(
        self, method: str, path: str, body: dict[str, object] | None = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response | None:
        began = time.monotonic()
        answer, failure = None, None
        try:
            answer = await self.http.request(method, path, json=body, headers=headers)
        except httpx2.TransportError as error:
            failure = error
        seconds, status = time.monotonic() - began, answer.status_code if answer is not None else None
        cut = failure is not None and not isinstance(failure, httpx2.ConnectError | httpx2.ConnectTimeout)
        self.requests.append(Request(f"{method} {path}", seconds, status, repr(failure) if cut else None))
        assert answer is None or status != 503 or answer.headers.get("Retry-After"), "503 without Retry-After"
        return answer


def order(number: int) -> dict[str, object]:
    """The n-th order: of twenty, sixteen are to be confirmed, and each of the others meets another trouble."""
    method, country, sku = "pm_card_ok", "GB", SKUS[number % len(SKUS)]
    match number % 20:
        case 3:
            method = "pm_card_declined"
        case 7:
            method = "pm_card_flaky"
        case 11:
            country = "AQ"
        case 15:
            sku = SCARCE
    lines = [{"sku": sku, "quantity": 1 + number % 3}, {"sku": SKUS[(number + 1) % len(SKUS)], "quantity": 1}]
    return {
        "currency": CURRENCY,
        "lines": lines,
        "shipping_address": {**ADDRESS, "country": country},
        "payment_method": method,
    }


@asynccontextmanager
async def shoppers(system: System) -> AsyncIterator[Load]:
    """The clients of a system, whose shelves are filled first; the scarce thing is soon sold out."""
    headers = {"Authorization": f"Bearer {system.token('operator', 'olga')}"}
    limits = httpx2.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx2.AsyncClient(
        base_url=f"{system.api_url}/api/v1", headers=headers, timeout=_TIMEOUT, limits=limits, trust_env=False
    ) as http:
        for sku in [*SKUS, SCARCE]:
            product = {"name": f"The {sku}", "price": {"amount": "2.50", "currency": CURRENCY}}
            (await http.put(f"/products/{sku}", json=product)).raise_for_status()
            receipt = {"quantity": 4 if sku == SCARCE else 5000}
            key = {"Idempotency-Key": str(uuid4())}
            (await http.post(f"/inventory/{sku}/receipts", json=receipt, headers=key)).raise_for_status()
        yield Load(system, http)


def unfinished(database: psycopg.Connection[Any], after: int = 0, *, cases_are_ends: bool = False) -> int:
    """How many orders that began beyond a position have no end in the log, or are still to be cancelled after it."""
    return len(unfinished_orders(database, after, cases_are_ends=cases_are_ends))


def unfinished_orders(database: psycopg.Connection[Any], after: int = 0, *, cases_are_ends: bool = False) -> list[str]:
    """Their ids."""
    wanted = {"after": after, "placed": _PLACED, "ends": _ENDS, "settled": _SETTLED, "cases": cases_are_ends}
    return [order_id for (order_id,) in database.execute(_UNFINISHED, wanted).fetchall()]


def history(system: System, order_id: str) -> list[str]:
    """What happened to an order, and when."""
    with system.database() as database:
        return [f"{recorded_at} {topic}" for recorded_at, topic in database.execute(_HISTORY, [order_id]).fetchall()]


async def all_ended(
    system: System, seconds: float = END_WITHIN_S, after: int = 0, *, cases_are_ends: bool = False
) -> None:
    """Wait until every order in the log, beyond a position, has its end there; a case may count as one.

    Raises `AssertionError` with what happened to some that have none.
    """

    def none_unfinished() -> bool:
        with system.database() as database:
            left[:] = unfinished_orders(database, after, cases_are_ends=cases_are_ends)
        return not left

    began = time.monotonic()
    left: list[str] = []
    with suppress(TimeoutError):
        await eventually(none_unfinished, seconds)
    shown = {order_id: history(system, order_id) for order_id in left[:_SHOWN]}
    assert not left, f"{len(left)} orders have not ended {seconds:g} s after the last was accepted, such as {shown}"
    print(f"all orders ended {time.monotonic() - began:.1f} s after the last was accepted")
