"""Whether money, stock, parcels and mails agree between the provider, the carrier, the log, the read models and
the outbox."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from commerce.cli.client.answers import ApiAnswer, LedgerEntry, OrderAnswer, StockLevel
from commerce.cli.client.api import Api, Site, open_system
from commerce.cli.client.http_client import RetryingClient
from commerce.runtime.settings import Settings
from tests.faults import report
from tests.faults.effects import broken_seal, different_effects
from tests.faults.invariants import violations
from tests.faults.load import Load, all_ended
from tests.system.conftest import System
from tests.waiting import eventually

_ENDS = {
    "ordering.OrderConfirmed": "confirmed",
    "ordering.OrderRejected": "rejected",
    "ordering.OrderCancelled": "cancelled",
}
_CONFIRMED_BEFORE = ["confirmed"]
_SIGNS = {
    "authorized": {"authorized": 1, "captured": -1, "voided": -1},
    "kept": {"captured": 1, "refunded": -1, "payments.Captured": 1, "payments.Refunded": -1},
    "parcels": {"booked": 1, "cancelled": -1, "shipping.Scheduled": 1, "shipping.Cancelled": -1},
    "reserved": {"inventory.StockReserved": 1, "inventory.StockReleased": -1},
}
"""What adds to a sum, and what takes from it: kinds of entries in the ledgers, topics in the log."""


class CarrierEntry(ApiAnswer):
    """What the carrier did for an order."""

    order_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the log, as it is stored."""

    topic: str
    order_id: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Accounts:
    """What everybody says, after all has ended."""

    orders: Mapping[str, OrderAnswer]
    stock: Mapping[str, StockLevel]
    money: list[LedgerEntry]
    parcels: list[CarrierEntry]
    log: list[Event]
    payments: Mapping[str, Decimal]
    """By the read model: captured less refunded."""
    shipments: Counter[str]
    """By the read model: parcels that are booked."""
    mails: Counter[tuple[str, str]]
    """How often the mail of an order and kind was written."""
    listed: frozenset[str]
    """The orders that are listed as cases."""

    def differences(self, *, cases_are_ends: bool = False) -> list[str]:
        """Whatever does not agree, in plain words; where a case is as good an end as any, nothing of its order is due
        for as long as it is listed. One that was a case, and is none any more, is like any other order."""
        found = [*self._ends(), *self._money(), *self._shipments(), *self._stock(), *self._mails()]
        found += [] if cases_are_ends else self._cases()
        listed = self.listed if cases_are_ends else frozenset()
        return [*self._captures(), *(each for each in found if not any(order_id in each for order_id in listed))]

    @property
    def cases(self) -> frozenset[str]:
        """The orders that a person has to look at."""
        return frozenset(event.order_id for event in self.log if event.topic == "saga.CaseOpened")

    def _ends(self) -> Iterator[str]:
        ends: dict[str, list[str]] = {event.order_id: [] for event in self.log if event.topic == "ordering.OrderPlaced"}
        for event in self.log:
            if event.topic in _ENDS:
                ends[event.order_id].append(_ENDS[event.topic])
        for order_id, found in ends.items():
            if order_id not in self.orders:
                yield f"order {order_id} is missing in the read model"
            elif found not in ([self.orders[order_id].status], [*_CONFIRMED_BEFORE, self.orders[order_id].status]):
                yield f"order {order_id} ended {found} in the log, {self.orders[order_id].status} in the read model"
        yield from (f"order {order_id} is not in the log" for order_id in self.orders.keys() - ends.keys())

    def _cases(self) -> Iterator[str]:
        for event in self.log:
            if event.topic == "saga.CaseOpened":
                yield f"order {event.order_id} became a case for a person: {event.content.get('detail')}"

    def _money(self) -> Iterator[str]:
        provider = _sums("kept", ((entry.order_id, entry.kind, Decimal(entry.amount)) for entry in self.money))
        aside = _sums("authorized", ((entry.order_id, entry.kind, Decimal(entry.amount)) for entry in self.money))
        log = _sums("kept", ((event.order_id, event.topic, _amount(event.content)) for event in self.log))
        for order_id, order in self.orders.items():
            due = order.total.amount if order.status == "confirmed" else Decimal(0)
            told = (provider[order_id], log[order_id], self.payments.get(order_id, Decimal(0)))
            if told != (due, due, due):
                yield f"order {order_id}, {order.status}: {due} due, {told} by the provider, the log and the read model"
            if aside[order_id]:
                yield f"order {order_id}: {aside[order_id]} still set aside"

    def _captures(self) -> Iterator[str]:
        captures = Counter(entry.order_id for entry in self.money if entry.kind == "captured")
        yield from (f"order {order_id} was captured {times} times" for order_id, times in captures.items() if times > 1)

    def _shipments(self) -> Iterator[str]:
        carrier = _sums("parcels", ((entry.order_id, entry.kind, Decimal(1)) for entry in self.parcels))
        log = _sums("parcels", ((event.order_id, event.topic, Decimal(1)) for event in self.log))
        for order_id, order in self.orders.items():
            due = Decimal(order.status == "confirmed")
            told = (carrier[order_id], log[order_id], Decimal(self.shipments[order_id]))
            if told != (due, due, due):
                yield f"order {order_id}, {order.status}: {due} parcels due, {told} by carrier, log and read model"

    def _stock(self) -> Iterator[str]:
        due: Counter[str] = Counter()
        for order_id, order in self.orders.items():
            for line in order.lines if order.status == "confirmed" else []:
                due[f"{order_id} {line.sku}"] += line.quantity
                due[line.sku] += line.quantity
        rows = [(event, f"{event.content.get('sku')}") for event in self.log if event.topic in _SIGNS["reserved"]]
        log = _sums("reserved", ((sku, event.topic, Decimal(event.content["quantity"])) for event, sku in rows))
        of_orders = _sums(
            "reserved",
            ((f"{event.order_id} {sku}", event.topic, Decimal(event.content["quantity"])) for event, sku in rows),
        )
        for key in of_orders.keys() | due.keys() - self.stock.keys():
            if of_orders[key] != due[key]:
                yield f"order and SKU {key}: {due[key]} pieces due, {of_orders[key]} reserved in the log"
        for key, quantity in of_orders.items():
            order_id, _, sku = key.partition(" ")
            due[sku] += int(quantity - due[key]) if order_id in self.listed else 0
        for sku, level in self.stock.items():
            if not due[sku] == log[sku] == level.reserved or level.available != level.on_hand - level.reserved:
                yield f"{sku}: {due[sku]} pieces due, {log[sku]} reserved in the log, in the read model {level}"

    def _mails(self) -> Iterator[str]:
        due = Counter((event.order_id, _ENDS[event.topic]) for event in self.log if event.topic in _ENDS)
        yield from (f"order {order_id}: no mail that it is {kind}" for order_id, kind in due - self.mails)
        yield from (f"order {order_id}: one mail too many that it is {kind}" for order_id, kind in self.mails - due)


async def agree(system: System, load: Load, *, cases_are_ends: bool = False, was_log_repaired: bool = False) -> None:
    """Wait until all orders have ended and all is told; then everything agrees, and every accepted order is there.

    Of a log whose owner repaired it, the tree over it has to say so.
    """
    await load.all_accepted()
    await all_ended(system, cases_are_ends=cases_are_ends)
    await eventually(lambda: len(_outbox(system)) >= _ends_in_log(system), 90)
    accounts = await read(system)
    listed = accounts.listed if cases_are_ends else frozenset()
    effects: list[str] = []

    def are_as_due() -> bool:
        effects[:] = different_effects(system, listed)  # which may differ again when late word of the provider comes
        return not effects

    with suppress(TimeoutError):
        await eventually(are_as_due, 60)
    found = accounts.differences(cases_are_ends=cases_are_ends) + effects
    found += await asyncio.to_thread(violations, system, load)
    broken = await asyncio.to_thread(broken_seal, system)
    found += broken if not was_log_repaired else [] if broken else ["the repair of the log was not noticed"]
    report.count(orders=len(load.accepted), violations=len(found))
    assert not found, "\n".join(found)
    ended = Counter(order.status + (f": {order.reason}" if order.reason else "") for order in accounts.orders.values())
    if cases_are_ends:
        report.count(cases=len(accounts.cases), listed=len(accounts.listed))
    print(f"{len(load.accepted)} orders accepted, everything agrees: {dict(ended)}, {len(accounts.cases)} cases")


async def caught_differences(system: System, load: Load) -> list[str]:
    """Whatever does not agree or hold now; nobody is waited for."""
    accounts = await read(system, 5)
    return accounts.differences() + await asyncio.to_thread(violations, system, load)


async def read(system: System, seconds: float = 60) -> Accounts:
    """Ask everybody, once the read models have taken in all that the log says."""
    run = system.run
    settings = Settings(home=system.home, database_url=run["database_url"], provider_url=run["provider_url"])
    async with (
        open_system(settings, "olga") as (api, provider),
        RetryingClient(base_url=run["carrier_url"], trust_env=False) as carrier,
    ):
        with suppress(TimeoutError):
            await eventually(lambda: caught_up(api), seconds)
        payments, shipments = _read_models(system)
        return Accounts(
            {str(order.order_id): order async for order in api.shop.orders()},
            {level.sku: level async for level in api.shop.stock()},
            [entry async for entry in provider.ledger()],
            [entry async for entry in Site(carrier).pages("/ledger", CarrierEntry)],
            _log(system),
            payments,
            shipments,
            _mails(system),
            frozenset(str(case.order_id) for case in await api.cases()),
        )


async def caught_up(api: Api) -> bool:
    """Whether every read model has taken in all that concerns it."""
    return all(model.lag == 0 for model in await api.shop.read_models())


def _sums(what: str, entries: Iterable[tuple[str, str, Decimal]]) -> defaultdict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for key, kind, amount in entries:
        sums[key] += _SIGNS[what].get(kind, 0) * amount
    return sums


def _amount(content: Mapping[str, Any]) -> Decimal:
    amount = content.get("amount")
    return Decimal(amount["amount"]) if isinstance(amount, dict) else Decimal(0)


def _ends_in_log(system: System) -> int:
    with system.database() as database:
        row = database.execute("SELECT count(*) FROM commerce_events WHERE topic = ANY(%s)", [[*_ENDS]]).fetchone()
    assert row is not None
    return int(row[0])


def _log(system: System) -> list[Event]:
    with system.database() as database:
        rows = database.execute(
            """SELECT topic, correlation_id::text, convert_from(state, 'UTF8')::json FROM commerce_events
               WHERE correlation_id IS NOT NULL ORDER BY notification_id"""
        ).fetchall()
    return [Event(*row) for row in rows]


def _read_models(system: System) -> tuple[dict[str, Decimal], Counter[str]]:
    with system.database() as database:
        payments = database.execute(
            """SELECT order_id::text, (captured ->> 'amount')::numeric - (refunded ->> 'amount')::numeric
               FROM projections.payments"""
        ).fetchall()
        shipments = database.execute("SELECT order_id::text FROM projections.shipments WHERE status = 'scheduled'")
        return dict(payments), Counter(row[0] for row in shipments.fetchall())


def _outbox(system: System) -> list[str]:
    folder = system.home / "outbox"
    return [mail.stem for mail in folder.glob("*.txt")] if folder.exists() else []


def _mails(system: System) -> Counter[tuple[str, str]]:
    """By the outbox, and once more for each that a worker says it has written again."""
    said = [
        json.loads(line[line.rindex('{"') :])  # after one that a full disk cut off
        for log in (system.home / "logs").glob("notifications*.log*")
        for line in log.read_text(errors="replace").splitlines()
        if '"mail written"' in line
    ]
    written = Counter((str(line["order_id"]), str(line["kind"])) for line in said)
    there = Counter({(stem[:36], stem[37:]): 1 for stem in _outbox(system)})
    return written | there
