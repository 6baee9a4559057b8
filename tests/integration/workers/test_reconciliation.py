"""Differences of every kind, planted in the simulators' ledgers and in the log: each is found, once, and is a case."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from commerce.eventstore import Append, in_stream
from commerce.payments.events import PaymentRefunded
from commerce.payments.ports import Authorized
from commerce.saga.limits import ProcessLimits
from commerce.saga.reconciliation_window import ReconciliationWindow
from commerce.saga.subscription import saga_subscription
from commerce.shipping.ports import Booked, Recipient
from commerce.values import ids
from commerce.values.money import Money
from projections import subscriptions
from projections.engine.projection import make_tables
from projections.processes import PROCESSES, find_cases
from tests.catch_up import catch_up
from tests.integration.gateways.worker_process import WorkerProcess
from tests.integration.workers.shop import BY_TEST, PRICE, Shop, running
from tests.integration.workers.test_webhooks import DISPUTE_CLOSED, DISPUTED, asked_of_provider, paid, process_of
from workers.gateways.http_carrier import HttpCarrier
from workers.gateways.http_provider import HttpPaymentProvider
from workers.payments import payments_app
from workers.reconciliation.comparison import Comparison, Reconciled
from workers.reconciliation.ledgers import CarrierLedger, ProviderLedger
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

AMOUNT, FIVE = Money.of(PRICE, "EUR"), Money.of("5.00", "EUR")
SOMEBODY = Recipient("J", "1", "T", "1", "DE")
AT_ONCE = timedelta(0)
LONG_AGO = "2020-01-01T00:00:00.000000+00:00"


@dataclass(frozen=True)
class Ledgers:
    """The shop, and both parties, as one who plants differences reaches them."""

    shop: Shop
    provider: HttpPaymentProvider
    carrier: HttpCarrier
    provider_file: Path
    carrier_file: Path
    span: timedelta

    async def compared(self, in_flight: timedelta = AT_ONCE) -> tuple[Reconciled, Reconciled]:
        """What a comparison of each ledger comes to, once the read model has all that happened before."""
        await self.caught_up()
        window = ReconciliationWindow(self.span, in_flight)
        provider = await Comparison(self.shop.store, ProviderLedger(self.provider, "http"), window).run()
        carrier = await Comparison(self.shop.store, CarrierLedger(self.carrier), window).run()
        await self.caught_up()
        return provider, carrier

    async def provider_compared(self, in_flight: timedelta = AT_ONCE) -> Reconciled:
        """As `compared`, of the provider's ledger."""
        await self.caught_up()
        window = ReconciliationWindow(self.span, in_flight)
        found = await Comparison(self.shop.store, ProviderLedger(self.provider, "http"), window).run()
        await self.caught_up()
        return found

    async def caught_up(self) -> None:
        """The process manager and its read model have read the log."""
        await catch_up(self.shop.store, saga_subscription(ProcessLimits()))
        await catch_up(self.shop.store, next(one for one in subscriptions() if one.name == "processes"))

    async def held(self, order: UUID) -> str:
        """Money is set aside that nobody of ours asked for."""
        found = await self.provider.authorize(uuid4(), order, AMOUNT, "pm_card_ok")
        assert isinstance(found, Authorized)
        return found.authorization_id

    async def taken(self, order: UUID) -> str:
        """Money is taken that nobody of ours asked for."""
        id_ = await self.held(order)
        await self.provider.capture(uuid4(), id_, AMOUNT)
        return id_

    async def booked(self, order: UUID) -> str:
        """A shipment that nobody of ours asked for."""
        found = await self.carrier.book(uuid4(), order, SOMEBODY)
        assert isinstance(found, Booked)
        return found.booking_id

    async def cases(self) -> dict[UUID, list[str]]:
        """The details of the open cases, by what they are about."""
        page = await find_cases(self.shop.store.pool, kind="reconciliation")
        return {row.state.order_id: [case.detail for case in row.cases] for row in page.items}

    async def events(self, about: UUID) -> list[str]:
        """What the process's stream says of the comparison, and of cases."""
        topics = await self.shop.topics(ids.process_id(about))
        return [topic for topic in topics if topic.startswith(("saga.Ledger", "saga.Case"))]


@pytest.fixture
async def ledgers(
    shop: Shop, provider_process: WorkerProcess, carrier_process: WorkerProcess
) -> AsyncIterator[Ledgers]:
    """Ledgers without what other tests left there: nothing moved before the test began."""
    await make_tables(shop.store.pool, [PROCESSES])
    files = provider_process.home / "provider.sqlite3", carrier_process.home / "carrier.sqlite3"
    async with HttpPaymentProvider(shop.provider_url) as provider, HttpCarrier(shop.carrier_url) as carrier:
        for file in files:  # what other tests left is a year old
            written(file, f"UPDATE entries SET at = '{LONG_AGO}'")
        written(files[0], f"UPDATE disputes SET at = '{LONG_AGO}'")
        yield Ledgers(shop, provider, carrier, *files, timedelta(days=1))


def written(file: Path, statement: str, *arguments: object) -> None:
    """Change a simulator's ledger behind its back."""
    with closing(sqlite3.connect(file, timeout=10)) as connection, connection:
        connection.execute(statement, arguments)


def kinds(result: Reconciled) -> dict[UUID, str]:
    return {one.about: one.kind for one in result.differences}


async def test_every_kind_of_difference_is_found_once_and_is_a_case_until_it_has_gone(
    ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.gateways.http_ledger.PAGE_ITEMS", 7)
    monkeypatch.setattr("workers.reconciliation.comparison._READ_BATCH_EVENTS", 3)
    shop = ledgers.shop
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        orders = [await shop.place() for _ in range(9)]
        rejected = await shop.place(country="AQ")
        for order in (*orders, rejected):
            await shop.ended(order)
        await shop.cancel(orders[8])
        assert await shop.ended(orders[8]) == "ordering.OrderCancelled"

    provider, carrier = await ledgers.compared()
    assert (provider.agrees, carrier.agrees) == (True, True)
    assert (provider.compared, carrier.compared) >= (10, 9)

    payment, shipment = (
        await _planted_in_payments(ledgers, orders, rejected),
        await _planted_in_shipments(ledgers, orders),
    )
    young, young_carrier = await ledgers.compared(timedelta(hours=1))
    assert (young.differences, young_carrier.differences) == ([], [])
    assert young.in_flight == len(payment)
    assert await ledgers.cases() == {}

    provider, carrier = await ledgers.compared()
    assert (provider.problem, carrier.problem) == (None, None)
    assert kinds(provider) == payment
    assert kinds(carrier) == shipment
    assert all(one.novelty == "new" for one in (*provider.differences, *carrier.differences))
    open_cases = await ledgers.cases()
    assert set(open_cases) == payment.keys() | shipment.keys()

    again, carrier_again = await ledgers.compared()
    assert (kinds(again), kinds(carrier_again)) == (payment, shipment)
    assert all(one.novelty == "known" for one in (*again.differences, *carrier_again.differences))
    assert await ledgers.cases() == open_cases
    opened = [(await ledgers.events(about)).count("saga.CaseOpened") for about in open_cases]
    assert opened == [1] * len(open_cases)

    await _mended(ledgers, provider, carrier)
    mended, carrier_mended = await ledgers.compared()
    assert {one.about for one in mended.agreed_again} == {
        rejected,
        ids.unknown_payment_id("http", _id(provider, "no_order")),
    }
    assert [one.kind for one in carrier_mended.agreed_again] == ["agreed"]
    assert rejected not in await ledgers.cases()
    assert await ledgers.events(rejected) == ["saga.LedgerDiffered", "saga.CaseOpened", "saga.LedgerAgreed"]


async def test_a_dispute_and_its_end_of_which_no_word_came_are_found_and_put_on_record(ledgers: Ledgers) -> None:
    shop = ledgers.shop
    order, id_ = await paid(shop, ledgers.provider)
    opened = await asked_of_provider(shop, f"/v1/authorizations/{id_}/disputes", {"amount": "5.00"})
    young = await ledgers.provider_compared(timedelta(hours=1))
    assert (young.differences, young.in_flight) == ([], 1)

    found = await ledgers.provider_compared()
    assert kinds(found) == {order: "disputed_there"}
    by_kind = {case.kind: case for case in (await process_of(shop, order)).cases}
    assert by_kind.keys() == {"reconciliation", "dispute"}
    assert by_kind["dispute"].answer_by == datetime.fromisoformat(opened["answer_by"])
    again = await ledgers.provider_compared()
    assert (again.differences, [one.about for one in again.agreed_again]) == ([], [order])
    assert [case.kind for case in (await process_of(shop, order)).cases] == ["dispute"]

    await asked_of_provider(shop, f"/v1/disputes/{opened['dispute_id']}/closure", {"outcome": "lost"})
    ledgers = replace(ledgers, span=AT_ONCE)  # it moved before the window: the case that waits for word leads there
    found = await ledgers.provider_compared()
    assert kinds(found) == {order: "dispute_ended"}
    assert (await shop.payment(order))[-2:] == [DISPUTED, DISPUTE_CLOSED]
    assert [case.kind for case in (await process_of(shop, order)).cases] == ["reconciliation"]
    assert (await ledgers.provider_compared()).agrees
    assert (await process_of(shop, order)).cases == ()


async def _planted_in_payments(ledgers: Ledgers, orders: list[UUID], rejected: UUID) -> dict[UUID, str]:
    """Something of every kind, by what it is about."""
    own = [await _authorization(ledgers, order) for order in orders]
    await ledgers.provider.refund(uuid4(), own[0], FIVE)
    await ledgers.taken(orders[1])
    await ledgers.held(rejected)
    stray = await ledgers.taken(uuid4())
    file = ledgers.provider_file
    written(file, "UPDATE entries SET amount = amount - 1 WHERE authorization_id = ? AND kind = 'captured'", own[2])
    for table in ("entries", "authorizations"):
        written(file, f"UPDATE {table} SET currency = 'USD' WHERE authorization_id = ?", own[3])
        written(file, f"DELETE FROM {table} WHERE authorization_id = ?", own[4])
    written(file, "DELETE FROM entries WHERE authorization_id = ? AND kind = 'captured'", own[5])
    stream = ids.payment_id(orders[6])
    refunded = PaymentRefunded(order_id=orders[6], request_id=uuid4(), amount=FIVE)
    events = in_stream([refunded], stream, after=len(await ledgers.shop.payment(orders[6])))
    await ledgers.shop.store.append(Append(events, orders[6], BY_TEST))
    written(file, "DELETE FROM entries WHERE authorization_id = ? AND kind IN ('captured', 'refunded')", own[8])
    written(
        file,
        "INSERT INTO entries (order_id, authorization_id, kind, amount, currency, idempotency_key, at)"
        " SELECT order_id, authorization_id, 'captured', amount, currency, 'k', at FROM entries"
        " WHERE authorization_id = ?",
        own[8],
    )
    return {
        orders[0]: "refunded_more",
        orders[1]: "captured_twice",
        rejected: "held_there",
        ids.unknown_payment_id("http", stray): "no_order",
        orders[2]: "amount_differs",
        orders[3]: "currency_differs",
        orders[4]: "unknown_there",
        orders[5]: "captured_here",
        orders[6]: "refunded_less",
        orders[8]: "refunded_less",
    }


async def _planted_in_shipments(ledgers: Ledgers, orders: list[UUID]) -> dict[UUID, str]:
    own = {order: await _booking(ledgers, order) for order in orders}
    await ledgers.booked(orders[0])
    await ledgers.carrier.cancel(uuid4(), own[orders[1]])
    stray = await ledgers.booked(uuid4())
    for table in ("entries", "shipments"):
        written(ledgers.carrier_file, f"DELETE FROM {table} WHERE shipment_id = ?", own[orders[2]])
    written(ledgers.carrier_file, "UPDATE shipments SET status = 'booked' WHERE shipment_id = ?", own[orders[8]])
    return {
        orders[0]: "booked_there",
        orders[1]: "booking_cancelled",
        orders[2]: "unknown_there",
        orders[8]: "never_undone",
        ids.unknown_shipment_id(stray): "no_order",
    }


async def _mended(ledgers: Ledgers, provider: Reconciled, carrier: Reconciled) -> None:
    """A person sees to some of them at the parties."""
    held, stray = _id(provider, "held_there"), _id(provider, "no_order")
    await ledgers.provider.void(uuid4(), held)
    await ledgers.provider.refund(uuid4(), stray, AMOUNT)
    await ledgers.carrier.cancel(uuid4(), _id(carrier, "booked_there"))


def _id(result: Reconciled, kind: str) -> str:
    return next(one.party_id for one in result.differences if one.kind == kind)


async def _authorization(ledgers: Ledgers, order: UUID) -> str:
    history = await ledgers.shop.store.read_stream(ids.payment_id(order))
    return next(str(one.event.authorization_id) for one in history if hasattr(one.event, "authorization_id"))


async def _booking(ledgers: Ledgers, order: UUID) -> str:
    history = await ledgers.shop.store.read_stream(ids.shipment_id(order))
    return next(str(one.event.booking_id) for one in history if hasattr(one.event, "booking_id"))
