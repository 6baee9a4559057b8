"""Finding orders among 1,000,000: a page of each search against a page of the list of all."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from statistics import median
from uuid import UUID, uuid4

import psycopg
from pydantic_core import to_json

from bench.harness import Report, Target
from bench.servers import MASTER_KEY, server
from commerce.eventstore import Pool, Sealed, open_store
from commerce.ordering.order import Order, OrderStatus
from commerce.ordering.search_terms import SearchTerms
from commerce.values.money import Money
from commerce.values.order_line import OrderLine
from projections.engine.pages import Condition
from projections.engine.projection import make_tables
from projections.order_search import (
    among,
    among_few,
    any_of,
    of_customer,
    placed_at,
    placed_between,
    with_reference,
    with_terms,
)
from projections.orders import ORDERS, find_orders

ORDERS_IN_ALL = 1_000_000
PAGES = 20
PLAIN = "a page of the list"

_FILL = """
INSERT INTO projections.orders (order_id, place, placed_at, updated_at, state, first, position)
SELECT gen_random_uuid(), 25 * n, t, t,
       %(state)s::jsonb || jsonb_build_object(
           'customer_id',
           CASE WHEN n %% 2 = 0 THEN '00000000-0000-0000-0000-' || lpad((n %% 100000)::text, 12, '0') END,
           'status', CASE WHEN n > %(all)s - 300 THEN 'placed' WHEN n %% 100 = 0 THEN 'rejected' ELSE 'delivered' END,
           'reference_id', md5('reference' || n)::uuid),
       25 * n, 25 * n + 20
FROM generate_series(1, %(all)s) AS n, LATERAL (SELECT timestamptz '2025-01-01' + n * interval '30 s' AS t) AS at
"""
_FILL_TERMS = """
INSERT INTO projections.orders_terms (term, first, personal)
SELECT term, 25 * n, personal FROM generate_series(1, %(all)s) AS n, LATERAL (VALUES
    (md5('email' || n)::uuid, true), (md5('tracking' || n)::uuid, false), (md5('first name' || n %% 3000)::uuid, true),
    (md5('last name' || n %% 50000)::uuid, true), (md5('sku' || n %% 5000)::uuid, false),
    (CASE WHEN n %% 50 = 0 THEN %(common_name)s ELSE md5('middle' || n %% 20000)::uuid END, true),
    (CASE WHEN n %% 5 = 0 THEN %(popular)s ELSE md5('second sku' || n %% 2000)::uuid END, false),
    (CASE WHEN n <= %(all)s / 10 THEN %(old)s ELSE md5('third' || n %% 9000)::uuid END, false)) AS v (term, personal)
ON CONFLICT DO NOTHING
"""


async def run(report: Report) -> None:
    """Fill the read model, and read pages of each search."""
    with server() as postgres:
        owner, app = postgres.postgres.admin_url, postgres.postgres.app_url
        async with open_store(app, MASTER_KEY, "bench", slowest=600) as store:
            await make_tables(store.pool, [ORDERS])
            terms = SearchTerms(store.keys)
            named = {"popular": terms.sku("POPULAR"), "old": terms.sku("OLD"), "common_name": terms.name("maria")[0]}
            await asyncio.to_thread(_fill, app, named)
            for name, where in _searches(named).items():
                await _measure(report, store.pool, name, where)
        with closing(psycopg.connect(owner)) as connection:
            sizes = connection.execute(
                "SELECT pg_size_pretty(pg_total_relation_size('projections.orders')),"
                " pg_size_pretty(pg_total_relation_size('projections.orders_terms'))"
            ).fetchone()
    report.notes.append(f"{ORDERS_IN_ALL:,} orders with eight terms each; the tables of orders and of terms: {sizes}")


def _searches(named: dict[str, UUID]) -> dict[str, tuple[Sequence[OrderStatus] | None, list[Condition]]]:
    popular, old, common = named["popular"], named["old"], named["common_name"]
    middle = 25 * ORDERS_IN_ALL // 2
    tracking, email, month = with_terms([_md5("tracking700001")]), with_terms([_md5("email700000")]), 25 * 86_400
    anywhere = any_of([placed_at(middle), with_reference(_md5("reference700000")), tracking, with_terms([common])])
    return {
        "number": (None, [among(placed_at(middle))]),
        "reference": (None, [among(with_reference(_md5("reference500000")))]),
        "e-mail of a mail or a customer": (None, [among_few(any_of([email, of_customer(UUID(int=0x42))]))]),
        "tracking number": (None, [among(with_terms([_md5("tracking500000")]))]),
        "a name of 20 orders": (None, [among(with_terms([_md5("last name500")]))]),
        "a name of 20,000 orders": (None, [among(with_terms([common]))]),
        "two names, of 20,000 and 333 orders": (None, [among(with_terms([common, _md5("first name500")]))]),
        "a SKU of every fifth order": (None, [among(with_terms([popular]))]),
        "a SKU of the oldest 100,000 orders": (None, [among(with_terms([old]))]),
        "such a SKU, rejected": ([OrderStatus.REJECTED], [among(with_terms([old]))]),
        "such a SKU, placed now": ([OrderStatus.PLACED], [among(with_terms([old]))]),
        "that SKU, of a month": (None, [among(with_terms([popular])), placed_between(middle, middle + month)]),
        "q: a name of 20,000 orders, or else": (None, [among_few(anywhere)]),
    }


async def _measure(
    report: Report, pool: Pool, name: str, where: tuple[Sequence[OrderStatus] | None, list[Condition]]
) -> None:
    statuses, conditions = where
    plain, ours = [], []
    for _ in range(PAGES):
        plain.append(await _milliseconds(lambda: find_orders(pool)))
        ours.append(await _milliseconds(lambda: find_orders(pool, statuses=statuses, found=conditions)))
    print(f"  {name}: {median(ours):.1f} ms, at most {max(ours):.1f} ms", flush=True)
    report.note(name, "ms", peer=PLAIN, peer_rounds=plain, our_rounds=ours, targets=[Target(PLAIN, "<=", 100)])


async def _milliseconds(ask: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await ask()
    return (time.perf_counter() - begun) * 1000


def _md5(text: str) -> UUID:
    return UUID(hashlib.md5(text.encode()).hexdigest())


def _fill(url: str, named: dict[str, UUID]) -> None:
    price = Money.of("8.90", "EUR")
    lines = tuple(OrderLine(sku=f"SKU-{n}", name=f"The SKU {n}", quantity=2, unit_price=price) for n in range(3))
    sealed = Sealed(f"v1.{uuid4().hex}.{'x' * 240}")
    order = Order(uuid4(), 4, OrderStatus.DELIVERED, None, "EUR", lines, price * 6, sealed, "pm_card_ok")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("SET statement_timeout = 0; SET transaction_timeout = 0")
        connection.execute(_FILL, {"state": to_json(order).decode(), "all": ORDERS_IN_ALL})
        connection.execute("ALTER TABLE projections.orders_terms DROP CONSTRAINT orders_terms_pkey")
        connection.execute(_FILL_TERMS, {**named, "all": ORDERS_IN_ALL})
        connection.execute("ALTER TABLE projections.orders_terms ADD PRIMARY KEY (term, first)")
        connection.execute("VACUUM ANALYZE projections.orders, projections.orders_terms")
