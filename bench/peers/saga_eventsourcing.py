"""The peer out of the same library: a `System` of process applications on PostgreSQL, led from order to order by
its runner.

Each application is the next one's leader: orders, stock, payments, parcels, payments, orders. The multi-threaded runner
is used; `--runner` takes the library's others, which may be faster with another commit latency.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable
from statistics import median
from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import ProcessingEvent
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, DomainEventProtocol, event
from eventsourcing.system import (
    MultiThreadedRunner,
    NewMultiThreadedRunner,
    ProcessApplication,
    Runner,
    SingleThreadedRunner,
    System,
)
from psycopg.conninfo import conninfo_to_dict

ADDRESS = "A" * 240
CLIENTS = 16


class Order(Aggregate):
    """An order, from placed to confirmed."""

    class Placed(Aggregate.Created):
        sku: str
        quantity: int
        total: str
        shipping_address: str

    class Confirmed(Aggregate.Event):
        tracking_number: str

    @event(Placed)
    def __init__(self, sku: str, quantity: int, total: str, shipping_address: str):
        self.sku, self.quantity, self.total, self.shipping_address = sku, quantity, total, shipping_address
        self.status = "placed"

    @event(Confirmed)
    def confirm(self, tracking_number: str) -> None:
        self.status, self.tracking_number = "confirmed", tracking_number


class StockItem(Aggregate):
    """The stock of one SKU."""

    class Registered(Aggregate.Created):
        sku: str
        on_hand: int

    class Reserved(Aggregate.Event):
        order_id: UUID
        quantity: int
        total: str

    @event(Registered)
    def __init__(self, sku: str, on_hand: int):
        self.sku, self.on_hand, self.reserved = sku, on_hand, 0

    @event(Reserved)
    def _reserve(self, order_id: UUID, quantity: int, total: str) -> None:
        self.reserved += quantity

    def reserve(self, order_id: UUID, quantity: int, total: str) -> None:
        """Promise pieces that there are."""
        assert self.on_hand - self.reserved >= quantity
        self._reserve(order_id, quantity, total)

    @staticmethod
    def create_id(sku: str) -> UUID:
        return uuid5(NAMESPACE_URL, f"/stock/{sku}")


class Payment(Aggregate):
    """The money of an order."""

    class Authorized(Aggregate.Created):
        order_id: UUID
        amount: str
        authorization_id: str

    class Captured(Aggregate.Event):
        order_id: UUID
        tracking_number: str

    @event(Authorized)
    def __init__(self, order_id: UUID, amount: str, authorization_id: str):
        self.order_id, self.amount, self.authorization_id, self.captured = order_id, amount, authorization_id, False

    @event(Captured)
    def capture(self, order_id: UUID, tracking_number: str) -> None:
        self.captured = True

    @staticmethod
    def create_id(order_id: UUID, amount: str = "", authorization_id: str = "") -> UUID:
        return uuid5(order_id, "payment")


class Shipment(Aggregate):
    """The shipment of an order."""

    class Scheduled(Aggregate.Created):
        order_id: UUID
        tracking_number: str

    @event(Scheduled)
    def __init__(self, order_id: UUID, tracking_number: str):
        self.order_id, self.tracking_number = order_id, tracking_number


class Orders(ProcessApplication[UUID]):
    name: ClassVar[str] = "orders"

    def __init__(self, env=None):  # type: ignore[no-untyped-def]
        self.confirmed: dict[UUID, float] = {}
        self.waiting: dict[UUID, threading.Event] = {}
        super().__init__(env)

    def place(self, sku: str) -> UUID:
        """An order in the log."""
        order = Order(sku=sku, quantity=1, total="9.99", shipping_address=ADDRESS)
        self.save(order)
        return order.id

    @singledispatchmethod
    def policy(self, domain_event: DomainEventProtocol[UUID], processing_event: ProcessingEvent[UUID]) -> None:
        """Whatever is not named below."""

    @policy.register
    def _(self, domain_event: Payment.Captured, processing_event: ProcessingEvent[UUID]) -> None:
        order = self.repository.get(domain_event.order_id)
        order.confirm(domain_event.tracking_number)
        processing_event.collect_events(order)
        self.confirmed[order.id] = time.monotonic()


class Stock(ProcessApplication[UUID]):
    name: ClassVar[str] = "stock"

    @singledispatchmethod
    def policy(self, domain_event: DomainEventProtocol[UUID], processing_event: ProcessingEvent[UUID]) -> None:
        """Whatever is not named below."""

    @policy.register
    def _(self, domain_event: Order.Placed, processing_event: ProcessingEvent[UUID]) -> None:
        item = self.repository.get(StockItem.create_id(domain_event.sku))
        item.reserve(domain_event.originator_id, domain_event.quantity, domain_event.total)
        processing_event.collect_events(item)


class Payments(ProcessApplication[UUID]):
    name: ClassVar[str] = "payments"

    @singledispatchmethod
    def policy(self, domain_event: DomainEventProtocol[UUID], processing_event: ProcessingEvent[UUID]) -> None:
        """Whatever is not named below."""

    @policy.register
    def _(self, domain_event: StockItem.Reserved, processing_event: ProcessingEvent[UUID]) -> None:
        order_id = domain_event.order_id
        processing_event.collect_events(
            Payment(order_id=order_id, amount=domain_event.total, authorization_id=f"authorization-{order_id}")
        )

    @policy.register
    def _(self, domain_event: Shipment.Scheduled, processing_event: ProcessingEvent[UUID]) -> None:
        payment = self.repository.get(Payment.create_id(domain_event.order_id))
        payment.capture(domain_event.order_id, domain_event.tracking_number)
        processing_event.collect_events(payment)


class Shipping(ProcessApplication[UUID]):
    name: ClassVar[str] = "shipping"

    @singledispatchmethod
    def policy(self, domain_event: DomainEventProtocol[UUID], processing_event: ProcessingEvent[UUID]) -> None:
        """Whatever is not named below."""

    @policy.register
    def _(self, domain_event: Payment.Authorized, processing_event: ProcessingEvent[UUID]) -> None:
        processing_event.collect_events(Shipment(order_id=domain_event.order_id, tracking_number="TRACK-1"))


def environment(url: str) -> dict[str, str]:
    """The library's settings, those that its documentation leaves at their defaults left there."""
    parts = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts["port"]),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts["password"]),
        "AGGREGATE_CACHE_MAXSIZE": "2000",
    }


def backlog(start: Callable[[], Runner[UUID]], number: int, skus: int) -> dict[str, float]:
    """Orders that were placed before are led to their end."""
    prepare(start(), number, skus)
    runner = start()
    orders = runner.get(Orders)
    for each in range(number - 1):
        orders.place(f"thing-{each % skus}")
    began = time.monotonic()
    runner.start()
    orders.place("thing-0")  # runners look at their leaders when these have something new
    while len(orders.confirmed) < number:
        time.sleep(0.001)
    seconds = max(orders.confirmed.values()) - began
    runner.stop()
    return {"orders_per_second": number / seconds}


def clients(start: Callable[[], Runner[UUID]], number: int, skus: int) -> dict[str, float]:
    """Each client places an order and waits for its end."""
    prepare(start(), number, skus)
    runner = start()
    orders = runner.get(Orders)
    runner.start()
    times: list[float] = []
    left = iter(range(number))

    def client() -> None:
        for each in left:
            at = time.monotonic()
            order_id = orders.place(f"thing-{each % skus}")
            while order_id not in orders.confirmed:
                time.sleep(0.001)
            times.append(orders.confirmed[order_id] - at)

    began = time.monotonic()
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    runner.stop()
    return {"orders_per_second": number / seconds, "median_milliseconds": median(times) * 1000}


def prepare(runner: Runner[UUID], number: int, skus: int) -> None:
    """Fill the shelves, and lead one order to its end, so that all applications have gone past what is not their
    work."""
    stock, orders = runner.get(Stock), runner.get(Orders)
    for sku in range(skus):
        stock.save(StockItem(sku=f"thing-{sku}", on_hand=number + 1))
    runner.start()
    first = orders.place("thing-0")
    while first not in orders.confirmed:
        time.sleep(0.001)
    runner.stop()


def main() -> None:
    """Read the command line, and print the figures as JSON."""
    runners = {"single": SingleThreadedRunner, "multi": MultiThreadedRunner, "new": NewMultiThreadedRunner}
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("mode", choices=("backlog", "clients"))
    options.add_argument("--orders", type=int, default=300)
    options.add_argument("--skus", type=int, default=1000)
    options.add_argument("--runner", choices=runners, default="multi")
    chosen = options.parse_args()
    system = System(pipes=[[Orders, Stock, Payments, Shipping, Payments, Orders]])
    measure = backlog if chosen.mode == "backlog" else clients
    figures = measure(lambda: runners[chosen.runner](system, environment(chosen.url)), chosen.orders, chosen.skus)
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
