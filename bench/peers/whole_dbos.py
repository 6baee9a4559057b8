"""The peer with durable workflows behind a FastAPI route: a DBOS workflow per order, whose steps call provider
and carrier."""

from __future__ import annotations

import os
from decimal import Decimal
from uuid import uuid4

import httpx2
import sqlalchemy as sa
import uvicorn
from dbos import DBOS, DBOSConfig, SQLAlchemyDatasource
from fastapi import FastAPI, Header
from whole_shapes import NewOrder, authorization, money, shipment

PROVIDER, CARRIER = os.environ["PROVIDER_URL"], os.environ["CARRIER_URL"]
URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
THREADS = 64

PLACE = sa.text(
    """INSERT INTO orders (id, sku, quantity, total, currency, shipping_address, status)
       VALUES (:id, :sku, :quantity, :total, 'EUR', :address, 'placed')"""
)
RESERVE = sa.text(
    "UPDATE stock SET reserved = reserved + :quantity WHERE sku = :sku AND on_hand - reserved >= :quantity RETURNING "
    "sku"
)
PAY = sa.text(
    "INSERT INTO payments (order_id, authorization_id, status, amount) VALUES (:id, :authorization, 'captured', :total)"
)
SHIP = sa.text(
    "INSERT INTO shipments (order_id, booking_id, tracking_number, carrier) VALUES (:id, :booking, :tracking, :carrier)"
)
END = sa.text("UPDATE orders SET status = 'confirmed', tracking_number = :tracking, updated_at = now() WHERE id = :id")

config: DBOSConfig = {
    "name": "bench",
    "system_database_url": URL,
    "sys_db_pool_size": 64,
    "max_executor_threads": THREADS,
    "log_level": "ERROR",
}
app = FastAPI()
DBOS(config=config)
datasource = SQLAlchemyDatasource.create(URL, engine_kwargs={"pool_size": 32, "max_overflow": 32})
http = httpx2.Client(
    limits=httpx2.Limits(max_connections=100, max_keepalive_connections=100), timeout=30, trust_env=False
)


def call(url: str, key: str, body: dict[str, object]) -> dict[str, str]:
    """Ask a party outside."""
    found: dict[str, str] = http.post(url, json=body, headers={"Idempotency-Key": key}).raise_for_status().json()
    return found


@datasource.transaction(isolation_level="READ COMMITTED")
def reserve(order_id: str, sku: str, quantity: int, total: str, address: str) -> bool:
    session = datasource.sql_session()
    placed = {"id": order_id, "sku": sku, "quantity": quantity, "total": total, "address": address}
    session.execute(PLACE, placed)
    return session.execute(RESERVE, {"sku": sku, "quantity": quantity}).first() is not None


@DBOS.step()
def authorize(order_id: str, total: str, method: str) -> str:
    body = authorization(order_id, total, method)
    return call(f"{PROVIDER}/v1/authorizations", f"{order_id}:authorize", body)["authorization_id"]


@DBOS.step()
def schedule(order_id: str, address: dict[str, object]) -> dict[str, str]:
    return call(f"{CARRIER}/v1/shipments", f"{order_id}:ship", shipment(order_id, address))


@DBOS.step()
def capture(order_id: str, id_: str, total: str) -> bool:
    call(f"{PROVIDER}/v1/authorizations/{id_}/capture", f"{order_id}:capture", money(total))
    return True


@datasource.transaction(isolation_level="READ COMMITTED")
def confirm(order_id: str, total: str, id_: str, booked: dict[str, str]) -> None:
    session = datasource.sql_session()
    tracking = booked["tracking_number"]
    session.execute(PAY, {"id": order_id, "authorization": id_, "total": total})
    shipment = {"booking": booked["shipment_id"], "tracking": tracking, "carrier": booked["carrier"]}
    session.execute(SHIP, {"id": order_id, **shipment})
    session.execute(END, {"id": order_id, "tracking": tracking})


@DBOS.workflow()
def carry_out(order_id: str, order: dict[str, object]) -> str:
    """Reserve, authorise, schedule, capture, confirm."""
    new = NewOrder.model_validate(order)
    line, address = new.lines[0], new.shipping_address
    total = str(Decimal("9.99") * line.quantity)
    assert reserve(order_id, line.sku, line.quantity, total, address.model_dump_json())
    id_ = authorize(order_id, total, new.payment_method)
    booked = schedule(order_id, address.model_dump())
    capture(order_id, id_, total)
    confirm(order_id, total, id_, booked)
    return "confirmed"


@app.post("/orders")
def place_order(order: NewOrder, idempotency_key: str = Header()) -> dict[str, str]:
    """Place an order and carry it out; the answer is its end. A `def` route, so that it has a thread."""
    order_id = str(uuid4())
    return {"order_id": order_id, "status": carry_out(order_id, order.model_dump(mode="json"))}


if __name__ == "__main__":
    DBOS.launch()
    uvicorn.run(app, port=int(os.environ["PORT"]), http="httptools", loop="uvloop", access_log=False, log_level="error")
