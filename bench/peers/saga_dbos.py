"""The peer with durable workflows: a DBOS workflow per order, with its transactions and steps, called by 16 threads."""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from statistics import median
from uuid import UUID

import psycopg
import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SQLAlchemyDatasource
from saga_acid import THREADS, place, prepare

RESERVE = sa.text(
    """UPDATE stock SET reserved = reserved + o.quantity FROM orders o
       WHERE o.id = :id AND stock.sku = o.sku AND on_hand - reserved >= o.quantity RETURNING o.total"""
)
PAY = sa.text(
    "INSERT INTO payments (order_id, authorization_id, status, amount) VALUES (:id, :authorization, 'captured', :total)"
)
SHIP = sa.text(
    "INSERT INTO shipments (order_id, booking_id, tracking_number, carrier) VALUES (:id, 'booking-1', :tracking, "
    "'ACME')"
)
END = sa.text("UPDATE orders SET status = :status, tracking_number = :tracking, updated_at = now() WHERE id = :id")
Work = Callable[[UUID], None]


@DBOS.step()
def authorize(order_id: str, total: str) -> str:
    """The provider, answered in-process."""
    return f"authorization-{order_id}"


@DBOS.step()
def schedule(order_id: str) -> str:
    """The carrier, answered in-process."""
    return "TRACK-1"


@DBOS.step()
def capture(authorization: str, total: str) -> bool:
    """The provider again."""
    return True


def workflow(datasource: SQLAlchemyDatasource) -> Callable[[str], str]:
    """The workflow of an order; its transactions run at the isolation that a guarded UPDATE needs, which is
    PostgreSQL's own."""

    @datasource.transaction(isolation_level="READ COMMITTED")
    def reserve(order_id: str) -> str | None:
        row = datasource.sql_session().execute(RESERVE, {"id": order_id}).first()
        return None if row is None else str(row.total)

    @datasource.transaction(isolation_level="READ COMMITTED")
    def confirm(order_id: str, total: str, authorization: str, tracking: str) -> str:
        session = datasource.sql_session()
        session.execute(PAY, {"id": order_id, "authorization": authorization, "total": total})
        session.execute(SHIP, {"id": order_id, "tracking": tracking})
        session.execute(END, {"id": order_id, "status": "confirmed", "tracking": tracking})
        return "confirmed"

    @DBOS.workflow()
    def carry_out(order_id: str) -> str:
        total = reserve(order_id)
        assert total is not None
        authorization = authorize(order_id, total)
        tracking = schedule(order_id)
        capture(authorization, total)
        return confirm(order_id, total, authorization, tracking)

    return carry_out


def launch(url: str) -> Callable[[str], str]:
    """Launch DBOS with its tables beside the orders; as many connections as threads."""
    url = url.replace("postgresql://", "postgresql+psycopg://")
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": url,
        "sys_db_pool_size": 2 * THREADS,
        "max_executor_threads": THREADS,
        "log_level": "ERROR",
    }
    pool = {"pool_size": THREADS, "max_overflow": THREADS}
    DBOS(config=config)
    carry_out = workflow(SQLAlchemyDatasource.create(url, engine_kwargs=pool))
    DBOS.launch()
    return carry_out


def spread(left: Iterator[object], work: Callable[[object], None]) -> float:
    """Seconds that the threads need for all."""

    def run() -> None:
        for each in left:
            work(each)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def backlog(url: str, orders: int, skus: int, carry_out: Callable[[str], str]) -> dict[str, float]:
    """Orders that were placed before are handled; one for each thread is before the time counts, to open its
    connections."""
    with psycopg.connect(url) as connection:
        placed = [str(place(connection, number, skus)) for number in range(orders + THREADS)]

    def work(order_id: object) -> None:
        assert carry_out(str(order_id)) == "confirmed"

    spread(iter(placed[:THREADS]), work)
    return {"orders_per_second": orders / spread(iter(placed[THREADS:]), work)}


def clients(url: str, orders: int, skus: int, carry_out: Callable[[str], str]) -> dict[str, float]:
    """Each client places an order and waits for its workflow, after a first one each that does not count."""
    connections: SimpleQueue[psycopg.Connection] = SimpleQueue()
    for _ in range(THREADS):
        connections.put(psycopg.connect(url))
    times: list[float] = []

    def work(number: object) -> None:
        connection = connections.get()
        began = time.monotonic()
        assert carry_out(str(place(connection, int(str(number)), skus))) == "confirmed"
        times.append(time.monotonic() - began)
        connections.put(connection)

    spread(iter(range(THREADS)), work)
    times.clear()
    seconds = spread(iter(range(orders)), work)
    return {"orders_per_second": orders / seconds, "median_milliseconds": median(times) * 1000}


def main() -> None:
    """Read the command line, and print the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("mode", choices=("backlog", "clients"))
    options.add_argument("--orders", type=int, default=300)
    options.add_argument("--skus", type=int, default=1000)
    chosen = options.parse_args()
    prepare(chosen.url, chosen.skus, chosen.orders)
    carry_out = launch(chosen.url)
    measure = backlog if chosen.mode == "backlog" else clients
    print(json.dumps(measure(chosen.url, chosen.orders, chosen.skus, carry_out)), flush=True)
    DBOS.destroy()


if __name__ == "__main__":
    main()
