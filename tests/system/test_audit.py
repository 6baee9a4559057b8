"""The audit of a whole system: an order's story, who did what, and how everything was at every moment of a busy
time."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2

from commerce.audit.data import data_of
from commerce.audit.personal_data import opened
from commerce.audit.state import rebuild_state
from commerce.events import STREAM_KINDS
from commerce.eventstore import LogReader, Recorded, open_reader
from tests.system.conftest import Shop, System
from tests.waiting import eventually

EVOLVE = {event.TOPIC: kind.evolve for kind in STREAM_KINDS for event in kind.events}
METHODS = ("pm_card_ok", "pm_card_declined", "pm_card_flaky", "pm_card_ok", "pm_card_timeout")


async def story(client: httpx2.AsyncClient, order_id: str) -> list[str]:
    """An order's timeline, as sentences."""
    page = (await client.get(f"/orders/{order_id}/timeline", params={"limit": 100})).raise_for_status().json()
    assert page["next_cursor"] is None
    positions = [item["position"] for item in page["items"]]
    assert positions == sorted(positions)
    return [item["text"] for item in page["items"]]


def in_order(told: list[str], *parts: str) -> None:
    """Each part is said, one after the other."""
    rest = iter(told)
    for part in parts:
        assert any(part in sentence for sentence in rest), (part, told)


async def test_a_timeline_tells_a_delivered_orders_story(shop: Shop, system: System) -> None:
    await shop.stock("violin", 3)
    await shop.stock("bow", 3)
    lines = [{"sku": "violin", "quantity": 1}, {"sku": "bow", "quantity": 2}]
    order = await shop.order("", lines=lines, payment_method="pm_card_flaky")
    order_id, tracking = order["order_id"], order["tracking_number"]
    shipment = (await shop.client.get(f"/orders/{order_id}/shipments")).json()["items"][0]["shipment_id"]
    (await shop.client.post(f"/shipments/{shipment}/dispatch")).raise_for_status()

    async def is_shipped() -> bool:
        return any("The order is shipped" in sentence for sentence in await story(shop.client, order_id))

    await eventually(is_shipped)
    in_order(
        await story(shop.client, order_id),
        f"Operator olga placed order {order['number']} for a guest: 1 × violin at 10.00 EUR, 2 × bow at 10.00 EUR; "
        "30.00 EUR in all",
        "Deadline set: order, due at ",
        "1 of violin reserved for order",
        "2 of bow reserved for order",
        "Payment provider called to set 30.00 EUR aside on pm_card_flaky (attempt 1)",
        "No outcome of attempt 1: the payment provider answered 503",
        "Payment provider called to set 30.00 EUR aside on pm_card_flaky (attempt 2)",
        "The payment provider set 30.00 EUR aside",
        "Carrier called to take the shipment (attempt 1)",
        f"tracking number {tracking}",
        "The payment provider took 30.00 EUR",
        "The order is confirmed",
        "Operator olga noted that the shipment left the house",
        "The order is shipped",
    )
    answer = system.commerce("audit", order_id, "--json")
    (placed, dispatched) = json.loads(answer.stdout)["requests"]
    assert {placed["actor"], dispatched["actor"]} == {"operator:olga"}
    assert placed["request_id"] != dispatched["request_id"]


async def test_a_timeline_tells_every_compensation(shop: Shop) -> None:
    await shop.stock("sledge", 3)
    order = await shop.order("sledge", country="AQ")
    in_order(
        await story(shop.client, order["order_id"]),
        "The payment provider set 10.00 EUR aside",
        "The carrier does not take the shipment: country_not_served",
        "What was done is undone from now on (shipping_unavailable)",
        "Compensation: payments is asked to let go",
        "The payment provider let go of the money set aside",
        "Compensation: inventory is asked to give back",
        "1 of sledge, reserved for order",
        "The order is rejected: shipping_unavailable",
    )


async def test_every_moment_of_a_busy_time_is_the_fold_of_the_log_up_to_it(shop: Shop, system: System) -> None:
    await shop.stock("busy", 6)
    begin = int((await shop.client.get("/ops/subscriptions")).json()["items"][0]["head"])
    placed = [shop.order("busy", payment_method=METHODS[number % len(METHODS)]) for number in range(10)]
    orders = await asyncio.gather(*placed, shop.receive("busy", 2))
    async with open_reader(system.run["database_url"], "test") as log:
        end = await log.head()
        events = await log.read_log(0, end, limit=end)
        await _check_states(log, shop.client, events, begin)
        await _check_orders(shop.client, events, [order["order_id"] for order in orders if order is not None])


async def _check_states(log: LogReader, client: httpx2.AsyncClient, events: list[Recorded], begin: int) -> None:
    """At each moment at which something was recorded, and just before it, every stream that changed then."""
    states: dict[UUID, object] = {}
    before: dict[UUID, object] = {}
    by_moment: dict[Any, list[Recorded]] = defaultdict(list)
    for event in events:
        by_moment[event.recorded_at].append(event)
    assert list(by_moment) == sorted(by_moment)
    checked = 0
    for moment, together in by_moment.items():
        for event in together:
            before.setdefault(event.stream, states.get(event.stream))
            states[event.stream] = EVOLVE[event.topic](states.get(event.stream), event.event)
        if together[-1].position > begin:
            for stream, earlier in before.items():
                await _is_at(log, stream, moment, states[stream])
                await _is_at(log, stream, moment - timedelta(microseconds=1), earlier)
                checked += 1
            await _is_shown(client, together[-1].stream, moment, states[together[-1].stream])
        before.clear()
    assert checked > 100


async def _is_at(log: LogReader, stream: UUID, moment: Any, expected: object) -> None:
    rebuilt = await rebuild_state(log, stream, until_time=moment)
    assert (rebuilt.state if rebuilt else None) == expected


async def _is_shown(client: httpx2.AsyncClient, stream: UUID, moment: Any, expected: Any) -> None:
    path = f"/audit/streams/{stream}/state"
    shown = (await client.get(path, params={"as_of": moment.isoformat()})).raise_for_status().json()["state"]
    (sealed,) = await opened(None, [expected])
    hidden = {name for name, value in data_of(sealed).items() if value == "sealed"}
    assert {name: value for name, value in shown.items() if name not in hidden} == {
        name: value for name, value in data_of(expected).items() if name not in hidden
    }


async def _check_orders(client: httpx2.AsyncClient, events: list[Recorded], orders: list[str]) -> None:
    """The orders themselves, at each of their own moments."""
    for order_id in orders:
        state: Any = None
        for event in (event for event in events if str(event.stream) == order_id):
            state = EVOLVE[event.topic](state, event.event)
            params = {"as_of": event.recorded_at.isoformat()}
            shown = (await client.get(f"/orders/{order_id}", params=params)).raise_for_status().json()
            assert (shown["status"], shown["version"]) == (state.status, event.originator_version)
