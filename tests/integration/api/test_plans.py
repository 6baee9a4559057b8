"""No query of the API reads a table that grows from end to end: PostgreSQL is asked for its plan of each one that
is sent."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncCursor, sql
from stripe import WebhookSignature

from api.app import create_app
from api.queries.consistency import write_position
from api.schemas.customers import EXAMPLE_REGISTRATION
from commerce.runtime.settings import Settings
from commerce.values import ids
from commerce.webhooks.deliveries import DeliveryStatus, find_deliveries, find_delivery
from projections.processes import PROCESSES
from tests.conftest import Database
from tests.integration.api.conftest import WEBHOOK_SECRET, Shop, key
from tests.integration.api.described import body_example, sent_as
from tests.integration.api.test_refunds import by_amount, paid
from tests.waiting import eventually

CUSTOMER = "6dfd04b1-3b40-4be4-b5a1-b6d5c7d3e8b7"
SKU = "TEA-ASSAM-250"
"""The one that the examples of the document order."""

ROWS = 10_000
"""So many rows each table is given."""

STAY_SMALL = {
    "api_keys",  # what operators issued
    "staff",  # whom operators invited
    "webhook_endpoints",  # at most a hundred at a time
    "commerce_webhook_endpoints",
    "commerce_audit_heads",  # all of them are read when the log is verified, and by no query of the API
    "commerce_parked",  # what could not be handled, which its list groups whole
    "commerce_parked_sequences",
    "commerce_payment_methods",
    "commerce_reconciliations",
    "commerce_stops",
    "commerce_streams",
    "commerce_topics",
    "commerce_tracking",
    "commerce_upkeep",  # what operators asked for
    "commerce_workers",
}
"""Tables that do not grow with orders; all others do."""

OTHER_CURSORS = (
    "/shipments",
    "/refunds",
    "/reservations",
    "/reports/sales",
    "/reports/orders",
    "/ops/subscriptions",
    "/ops/workers",
    "/ops/calls",
    "/ops/parked",
    "/{group}",
    "/deliveries",
    "/api/v1/customers",
)
"""Lists that are computed whole for each page, wherever it begins, and those whose cursors are of another kind."""

NOT_ALONE = ("changed_since",)
"""Parameters that are rejected without others."""

YOYO = ("_yoyo", "yoyo")
"""Tables of the tool that migrates."""


@dataclass(frozen=True)
class Request:
    """One request that the API's own document says can be made."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: object
    operation: dict[str, Any]


def requests(document: dict[str, Any], known: dict[str, list[str]]) -> Iterator[Request]:
    """Every operation, as it is without a query, with each parameter of its query alone, and with all of them."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            declared = operation.get("parameters", [])
            names = [one["name"] for one in declared if one["in"] == "query"]
            names = [name for name in names if name != "cursor" or not path.endswith(OTHER_CURSORS)]
            values = {one["name"]: _values(one, known) for one in declared if one["in"] in ("path", "query")}
            place = path.format(**{name: values[name][0] for name in values if name not in names})
            alone = [((name, value),) for name in names if name not in NOT_ALONE for value in values[name]]
            together = product(
                *[[(name, value) for value in values[name]] for name in names if not _goes_alone(path, name)]
            )
            needed = {one["name"] for one in declared if one["in"] == "query" and one["required"]}
            for query in {(), *alone, *together}:
                if needed <= {name for name, _ in query}:
                    yield Request(method.upper(), place, query, body_example(document, operation), operation)


def _goes_alone(path: str, name: str) -> bool:
    """Whether a parameter is rejected beside others of its operation."""
    return name in ("q", "newest_first") or (path.endswith("/audit/readings") and name == "customer_id")


def _values(parameter: dict[str, Any], known: dict[str, list[str]]) -> list[str]:
    name, shape = parameter["name"], str(parameter["schema"])
    name = f"{name} of a path" if f"{name} of a path" in known and parameter["in"] == "path" else name
    if "'format': 'date'" in shape:
        return ["2026-01-01"]
    if "'format': 'date-time'" in shape:
        return ["2030-01-01T00:00:00Z"]
    if "DeliveryStatus" in shape:
        return ["waiting"]
    if "RefundStatus" in shape:
        return ["failed"]
    assert name in known, f"add an example of {name} to this test"
    return known[name]


Statement = tuple[str, Any]
"""A query and its parameters."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> dict[object, Statement]:
    """The statements that were sent to the database since; each once, and once more for other parameters that are
    null."""
    statements: dict[object, Statement] = {}
    execute = AsyncCursor.execute

    async def record(cursor: AsyncCursor[Any], query: Any, params: Any = None, **options: Any) -> Any:
        values = params.values() if isinstance(params, dict) else params or ()
        text = query if isinstance(query, str) else sql.as_string(query, cursor)
        statements[text, tuple(value is None for value in values)] = text, params
        return await execute(cursor, query, params, **options)

    monkeypatch.setattr(AsyncCursor, "execute", record)
    return statements


async def examples(shop: Shop, order_id: UUID) -> dict[str, list[str]]:
    """Values of parameters, by name: those of things that there are."""
    wanted = {"service": "warehouse", "scopes": ["stock:read"]}
    issued = await shop.client("operator").post("/auth/keys", json=wanted, headers={"Idempotency-Key": "warehouse"})
    endpoint = {"url": "https://erp.example/hooks"}
    added = await shop.client("operator").post("/webhook-endpoints", json=endpoint, headers={"Idempotency-Key": "erp"})
    await shop.seal()
    return {
        "endpoint_id": [added.raise_for_status().json()["endpoint_id"]],
        "position": ["1"],
        "key_id": [issued.raise_for_status().json()["key_id"]],
        "member_id": [str(order_id)],
        "session_id": [str(order_id)],
        "service": ["warehouse"],
        "order_id": [str(order_id)],
        "correlation_id": [str(order_id)],
        "stream_id": [str(order_id)],
        "customer_id": [str(order_id)],
        "reference": ["INV-7001"],
        "q": ["PWK8-KK6P", "INV-7001", "ada@example.org", "Ada Lovelace", str(order_id)],
        "changed_since": [write_position(1)],
        "number": ["PWK8-KK6P"],
        "email": ["ada@example.org"],
        "tracking_number": ["TRK-0001"],
        "placed_from": ["2020-01-01"],
        "placed_to": ["2030-01-01"],
        "shipment_id": [str(ids.shipment_id(order_id))],
        "sku": [SKU],
        "name": ["orders"],
        "provider": ["http"],
        "status": ["placed"],
        "group": ["day", "sku"],
        "by": ["hour", "day"],
        "newest_first": ["true"],
        "oldest_first": ["true"],
        "group of a path": ["4f1d2a9c0b7e"],
        "search": ["the lamp"],
        "overdue": ["true"],
        "complete": ["true", "false"],
        "definition": ["1"],
        "kind": ["undo_rejected"],
        "owner": ["anna"],
        "dry_run": ["true"],
        "topic": ["ordering.OrderPlaced"],
        "actor": ["operator:somebody"],
        "version": ["1"],
        "after": ["1"],
        "cursor": [base64.urlsafe_b64encode(b"%d" % (2 * ROWS)).decode().rstrip("=")],
        "limit": ["10"],
        "tree_size": ["1"],
        "from_line": ["1"],
    }


async def send(shop: Shop, request: Request) -> None:
    """Make a request twice, as a repeat may be looked up in another way; it may be rejected, and not for how it
    is made."""
    for role, subject in (("operator", "olga"), ("auditor", "otto"), ("customer", CUSTOMER)):
        client = shop.client(role, subject)
        headers = {"Idempotency-Key": "once", "Commerce-Position": write_position(1)}
        sent = sent_as(request.operation, request.body, headers)
        if sent.get("json") is not None:
            content = json.dumps(sent.pop("json"))
            sent |= {"content": content, "headers": headers | signed(content)}
        for _ in range(1 if request.method == "GET" else 2):
            answer = await client.request(request.method, f"{shop.url}{request.path}", params=request.query, **sent)
        is_of_mail = "mail-token-not-accepted" in answer.text  # an example is the token of no mail
        is_unsigned = "are not signed yet" in answer.text
        assert is_of_mail or is_unsigned or answer.status_code not in (400, 401, 422, 500, 503), (request, answer.text)


def signed(body: str) -> dict[str, str]:
    """The headers of a body, with the signature that a webhook needs."""
    signature = WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
    return {"Content-Type": "application/json", "Webhook-Signature": signature}


def grow(owner: psycopg.Connection[Any]) -> set[str]:
    """Fill every table that grows with rows like those it has, under other ids and at other places; answers their
    names."""
    found = owner.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'projections')"
    ).fetchall()
    tables = {(schema, table) for schema, table in found if table not in STAY_SMALL and not table.startswith(YOYO)}
    owner.execute("ALTER TABLE commerce_keys DROP CONSTRAINT commerce_keys_check")  # rows have something everywhere
    for schema, table in tables:
        fill(owner, schema, table)
    owner.execute("ANALYZE")
    return {table for _, table in tables}


COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, NULL), EXISTS (
               SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey))
    FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND a.attgenerated = '' ORDER BY a.attnum"""

LIKE = {
    "uuid": "gen_random_uuid()",
    "bigint": "-n",
    "integer": "coalesce(like_it.{name}, n)",
    "smallint": "coalesce(like_it.{name}, 8)",
    "date": "current_date - n / 100",
    "timestamp with time zone": "clock_timestamp() - n * interval '1 minute'",
    "bytea": "coalesce(like_it.{name}, sha256(n::text::bytea))",
    "jsonb": "coalesce(like_it.{name}, '{{}}')",
    "boolean": "n % 2 = 0",
    "text": "coalesce(like_it.{name}, 'text')",
    "text[]": "coalesce(like_it.{name}, '{{}}')",
}
"""What a column of a type is filled with: the n-th of them, which is to be like a row that there is.

Places in the log come before those that there are, so that whoever asks for what is new finds as little as in a running
system.
"""


def fill(owner: psycopg.Connection[Any], schema: str, table: str) -> None:
    """Give a table its rows."""
    name = sql.Identifier(schema, table)
    columns = owner.execute(COLUMNS, [name.as_string(owner)]).fetchall()
    values = [
        sql.SQL("'text ' || n" if unique and kind == "text" else LIKE[kind].format(name=column))
        for column, kind, unique in columns
    ]
    owner.execute(
        sql.SQL("""
            INSERT INTO {table} ({columns})
            SELECT {values} FROM generate_series(1, {rows}) AS n
            LEFT JOIN (SELECT *, row_number() OVER () AS number, count(*) OVER () AS all_of_them
            FROM {table}) AS like_it
                   ON like_it.number = 1 + n % like_it.all_of_them""").format(
            table=name,
            columns=sql.SQL(", ").join(sql.Identifier(column) for column, _, _ in columns),
            values=sql.SQL(", ").join(values),
            rows=sql.Literal(ROWS),
        )
    )


def whole(owner: psycopg.Connection[Any], query: str, params: Any, growing: set[str]) -> Iterator[str]:
    """The parts of a query's plan that read a growing table, or an index of it, from end to end.

    A scan has to be led to its rows by a condition of its index, or to stop at a limit without having passed over any;
    an index of a part of the table, such as of what is under way, may be read whole up to a limit.
    """
    partial = partial_indexes(owner)
    (answer,) = owner.execute(f"EXPLAIN (FORMAT JSON) {query}".encode(), params).fetchone() or [[]]
    waiting = [(part["Plan"], False) for part in answer]
    while waiting:
        node, limited = waiting.pop()
        limited = limited or node["Node Type"] == "Limit"
        waiting += [(child, limited) for child in node.get("Plans", ())]
        if node.get("Relation Name") in growing and not _led(node, limited, partial):
            yield f"{node['Node Type']} of {node['Relation Name']}"


def _led(node: dict[str, Any], limited: bool, partial: set[str]) -> bool:
    if node["Node Type"] == "Seq Scan":
        return False
    led = {"Index Cond", "Recheck Cond"} & node.keys()
    return bool(led) or (limited and ("Filter" not in node or node.get("Index Name") in partial))


def _asks(text: str) -> bool:
    return re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", text) is not None


def _sums_all(text: str, params: Any) -> bool:
    """Whether it is the report of all sales, from the first day or up to the last one, or that of the orders of some
    days, which are all there are here: that is made of every row."""
    return ("FROM projections.sales" in text and None in (params or ())) or "date_trunc" in text


def partial_indexes(owner: psycopg.Connection[Any]) -> set[str]:
    """The names of the indexes of parts of tables."""
    rows = owner.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL").fetchall()
    return {row[0].rpartition(".")[2] for row in rows}


async def test_no_query_of_the_api_reads_a_growing_table_from_end_to_end(
    shop: Shop, database: Database, sent: dict[object, Statement]
) -> None:
    await shop.stock(SKU)
    order_id = await paid(shop)
    path, refund = f"/orders/{order_id}/refunds", by_amount("1.00")
    (await shop.client("operator").post(path, json=refund, headers=key())).raise_for_status()
    async with shop.following():
        await eventually(lambda: PROCESSES.find(shop.store.pool, ids.process_id(order_id)))
    values = await examples(shop, order_id)
    await shop.show()
    (await shop.client().post("/customers", json=EXAMPLE_REGISTRATION)).raise_for_status()
    sent.clear()
    for status in (None, DeliveryStatus.WAITING):
        await find_deliveries(shop.store.pool, order_id, status, ROWS, 10)
    await find_delivery(shop.store.pool, order_id, 1)
    for request in requests(create_app(Settings()).openapi(), values):
        await send(shop, request)
    statements = [(text, params) for text, params in sent.values() if _asks(text) and not _sums_all(text, params)]
    assert len(statements) > 50
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        growing = grow(owner)
        found = [
            f"{reading} in {text}" for text, params in statements for reading in whole(owner, text, params, growing)
        ]
    assert not found, "\n\n".join(found)


async def test_the_figures_of_days_are_read_from_indexes_alone(
    shop: Shop, database: Database, sent: dict[object, Statement]
) -> None:
    """The console's Today asks for them each second: a row's JSON is several times as dear as its place in an index."""
    await shop.stock(SKU)
    await paid(shop)
    await shop.show()
    sent.clear()
    days = {"from": (datetime.now(UTC) - timedelta(days=13)).date().isoformat()}
    for path in ("/reports/sales", "/reports/orders"):
        (await shop.client("operator").get(path, params=days)).raise_for_status()
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        for table in ("sales", "orders"):
            fill(owner, "projections", table)
            owner.execute(f"VACUUM (ANALYZE) projections.{table}".encode())
        sums = [(text, params) for text, params in sent.values() if "GROUP BY" in text and "projections." in text]
        found = [node for text, params in sums for node in scans(owner, text, params)]
    assert sorted(found) == ["Index Only Scan of orders", "Index Only Scan of sales"]


def scans(owner: psycopg.Connection[Any], query: str, params: Any) -> Iterator[str]:
    """How a query's plan reads the tables of read models."""
    (answer,) = owner.execute(f"EXPLAIN (FORMAT JSON) {query}".encode(), params).fetchone() or [[]]
    waiting = [part["Plan"] for part in answer]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", ())
        if node.get("Relation Name") in ("orders", "sales"):
            yield f"{node['Node Type']} of {node['Relation Name']}"
