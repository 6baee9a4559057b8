"""The peer without a saga behind a FastAPI route: one ACID transaction per order, which calls provider and
carrier within."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from uuid import uuid4

import httpx2
import uvicorn
from fastapi import FastAPI, Header, HTTPException
from psycopg_pool import AsyncConnectionPool
from whole_shapes import NewOrder, authorization, money, shipment

PROVIDER, CARRIER = os.environ["PROVIDER_URL"], os.environ["CARRIER_URL"]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    limits = httpx2.Limits(max_connections=100, max_keepalive_connections=100)
    async with (
        AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=64, max_size=64, open=False) as pool,
        httpx2.AsyncClient(limits=limits, timeout=30, trust_env=False) as http,
    ):
        app.state.pool, app.state.http = pool, http
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/orders")
async def place_order(order: NewOrder, idempotency_key: str = Header()) -> dict[str, str]:
    """Place an order and carry it out; the answer is its end."""
    order_id, line = str(uuid4()), order.lines[0]
    async with app.state.pool.connection() as connection, connection.transaction():
        total = str(Decimal("9.99") * line.quantity)
        await connection.execute(
            """INSERT INTO orders (id, sku, quantity, total, currency, shipping_address, status)
               VALUES (%s, %s, %s, %s, 'EUR', %s, 'placed')""",
            [order_id, line.sku, line.quantity, total, order.shipping_address.model_dump_json()],
        )
        reserved = await connection.execute(
            "UPDATE stock SET reserved = reserved + %s WHERE sku = %s AND on_hand - reserved >= %s",
            [line.quantity, line.sku, line.quantity],
        )
        if not reserved.rowcount:
            raise HTTPException(409, "out of stock")
        authorized = await call(
            f"{PROVIDER}/v1/authorizations",
            f"{order_id}:authorize",
            authorization(order_id, total, order.payment_method),
        )
        id_ = authorized["authorization_id"]
        booked = await call(
            f"{CARRIER}/v1/shipments", f"{order_id}:ship", shipment(order_id, order.shipping_address.model_dump())
        )
        await call(f"{PROVIDER}/v1/authorizations/{id_}/capture", f"{order_id}:capture", money(total))
        await connection.execute(
            "INSERT INTO payments (order_id, authorization_id, status, amount) VALUES (%s, %s, 'captured', %s)",
            [order_id, id_, total],
        )
        await connection.execute(
            "INSERT INTO shipments (order_id, booking_id, tracking_number, carrier) VALUES (%s, %s, %s, %s)",
            [order_id, booked["shipment_id"], booked["tracking_number"], booked["carrier"]],
        )
        await connection.execute(
            "UPDATE orders SET status = 'confirmed', tracking_number = %s, updated_at = now() WHERE id = %s",
            [booked["tracking_number"], order_id],
        )
    return {"order_id": order_id, "status": "confirmed"}


async def call(url: str, key: str, body: dict[str, object]) -> dict[str, str]:
    """Ask a party outside."""
    answer = await app.state.http.post(url, json=body, headers={"Idempotency-Key": key})
    found: dict[str, str] = answer.raise_for_status().json()
    return found


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), http="httptools", loop="uvloop", access_log=False, log_level="error")
