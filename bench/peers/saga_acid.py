"""The peer without a saga: one ACID transaction per order over four tables, by 16 threads with a connection each."""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator
from statistics import median
from uuid import UUID, uuid4

import psycopg

SCHEMA = """
CREATE TABLE stock (sku text PRIMARY KEY, on_hand int NOT NULL, reserved int NOT NULL DEFAULT 0,
                    CHECK (reserved BETWEEN 0 AND on_hand));
CREATE TABLE orders (id uuid PRIMARY KEY, sku text NOT NULL, quantity int NOT NULL, total numeric NOT NULL,
                     currency text NOT NULL, shipping_address text NOT NULL, status text NOT NULL, tracking_number text,
                     placed_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE payments (order_id uuid PRIMARY KEY REFERENCES orders, authorization_id text NOT NULL, status text NOT
NULL,
                       amount numeric NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE shipments (order_id uuid PRIMARY KEY REFERENCES orders, booking_id text NOT NULL, tracking_number text
NOT NULL,
                        carrier text NOT NULL, at timestamptz NOT NULL DEFAULT now());
"""
THREADS = 16
ADDRESS = "A" * 240


def prepare(url: str, skus: int, pieces: int) -> None:
    """Tables, and stock in them."""
    with psycopg.connect(url) as connection:
        connection.execute(SCHEMA)
        connection.execute(
            "INSERT INTO stock (sku, on_hand) SELECT 'thing-' || n, %s FROM generate_series(0, %s) AS n",
            [pieces, skus - 1],
        )


def place(connection: psycopg.Connection, number: int, skus: int) -> UUID:
    """An order, committed."""
    order_id = uuid4()
    connection.execute(
        """INSERT INTO orders (id, sku, quantity, total, currency, shipping_address, status)
           VALUES (%s, %s, 1, 9.99, 'EUR', %s, 'placed')""",
        [order_id, f"thing-{number % skus}", ADDRESS],
    )
    connection.commit()
    return order_id


def carry_out(connection: psycopg.Connection, order_id: UUID) -> None:
    """Reserve, authorise, schedule, capture, confirm: all or nothing."""
    with connection.transaction():
        row = connection.execute(
            "SELECT sku, quantity, total FROM orders WHERE id = %s FOR UPDATE", [order_id]
        ).fetchone()
        sku, quantity, total = row
        reserved = connection.execute(
            "UPDATE stock SET reserved = reserved + %s WHERE sku = %s AND on_hand - reserved >= %s",
            [quantity, sku, quantity],
        )
        if not reserved.rowcount:
            connection.execute("UPDATE orders SET status = 'rejected', updated_at = now() WHERE id = %s", [order_id])
            return
        connection.execute(
            "INSERT INTO payments (order_id, authorization_id, status, amount) VALUES (%s, %s, 'captured', %s)",
            [order_id, f"authorization-{order_id}", total],
        )
        connection.execute(
            "INSERT INTO shipments (order_id, booking_id, tracking_number, carrier) VALUES (%s, 'booking-1', "
            "'TRACK-1', 'ACME')",
            [order_id],
        )
        connection.execute(
            "UPDATE orders SET status = 'confirmed', tracking_number = 'TRACK-1', updated_at = now() WHERE id = %s",
            [order_id],
        )


def backlog(url: str, orders: int, skus: int) -> dict[str, float]:
    """Orders that were placed before are handled."""
    with psycopg.connect(url) as connection:
        placed = [place(connection, number, skus) for number in range(orders)]
    left = iter(placed)

    def work(connection: psycopg.Connection) -> None:
        for order_id in left:
            carry_out(connection, order_id)

    return {"orders_per_second": orders / _seconds(url, work)}


def clients(url: str, orders: int, skus: int) -> dict[str, float]:
    """Each client places an order and carries it out."""
    left: Iterator[int] = iter(range(orders))
    times: list[float] = []

    def work(connection: psycopg.Connection) -> None:
        for number in left:
            began = time.monotonic()
            carry_out(connection, place(connection, number, skus))
            times.append(time.monotonic() - began)

    seconds = _seconds(url, work)
    return {"orders_per_second": orders / seconds, "median_milliseconds": median(times) * 1000}


def _seconds(url: str, work: object) -> float:
    connections = [psycopg.connect(url) for _ in range(THREADS)]
    threads = [threading.Thread(target=work, args=[connection]) for connection in connections]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    for connection in connections:
        connection.close()
    return seconds


def main() -> None:
    """Read the command line, and print the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("mode", choices=("backlog", "clients"))
    options.add_argument("--orders", type=int, default=4000)
    options.add_argument("--skus", type=int, default=1000)
    chosen = options.parse_args()
    prepare(chosen.url, chosen.skus, chosen.orders)
    measure = backlog if chosen.mode == "backlog" else clients
    print(json.dumps(measure(chosen.url, chosen.orders, chosen.skus)))


if __name__ == "__main__":
    main()
