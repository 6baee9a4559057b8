"""Customers are told what became of their order, and nothing of who did what in the shop, or why."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from commerce.audit.customer_story import TOPICS
from commerce.events import EVENTS
from commerce.eventstore import Append, Event, EventStore, Metadata
from commerce.ordering.number import number_of
from commerce.saga.case_events import CaseOpened
from commerce.saga.limits import ProcessLimits
from commerce.saga.step_events import StepPostponed
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order
from tests.unit.audit.examples import example

CUSTOMER = str(uuid4())
TOLD_OF_THEIRS = {"order_id", "customer_id", "shipping_address", "lines"}


async def placed(shop: Shop, role: str = "customer") -> str:
    """An order of the customer's, placed by themselves or by somebody of the shop."""
    await shop.stock("lamp")
    client = shop.client("customer", CUSTOMER) if role == "customer" else shop.client(role, "olga")
    answer = await client.post("/orders", json=order(customer_id=CUSTOMER), headers=key())
    return str(answer.raise_for_status().json()["order_id"])


async def story(shop: Shop, order_id: str, **params: Any) -> list[dict[str, Any]]:
    """The timeline as the customer sees it."""
    answer = await shop.client("customer", CUSTOMER).get(f"/orders/{order_id}/timeline", params=params)
    items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return items


async def test_a_customer_sees_what_they_did_themselves_in_their_own_words(shop: Shop) -> None:
    order_id = await placed(shop)
    customer = shop.client("customer", CUSTOMER)
    (await customer.post(f"/orders/{order_id}/cancellation", json={"reason": "wrong size"})).raise_for_status()
    first, second = await story(shop, order_id)
    number = number_of(first["position"])
    assert first["text"].startswith(f"You placed order {number}: 1 × lamp at 10.00 EUR; 10.00 EUR in all")
    assert first["data"]["shipping_address"]["city"] == "London"
    assert (second["text"], second["data"]) == (
        "You asked for the order to be cancelled: wrong size",
        {"reason": "wrong size"},
    )
    assert {first["actor"], second["actor"]} == {f"customer:{CUSTOMER}"}


@pytest.mark.parametrize("role", ["operator", "service"])
async def test_a_customer_sees_neither_the_login_nor_the_reason_of_those_who_acted_for_the_shop(
    shop: Shop, role: str
) -> None:
    order_id = await placed(shop, role)
    body = {"reason": "suspected of fraud"}
    await shop.client(role, "olga").post(f"/orders/{order_id}/cancellation", json=body)
    items = await story(shop, order_id)
    assert [item["text"].partition(":")[0] for item in items] == [
        f"The shop placed order {number_of(items[0]['position'])}",
        "The shop asked for the order to be cancelled",
    ]
    assert items[1]["data"] == {}
    assert {item["actor"] for item in items} == {role}
    customer = shop.client("customer", CUSTOMER)
    for path in ("", "/timeline", "/process", "/payment", "/shipments"):
        text = (await customer.get(f"/orders/{order_id}{path}")).raise_for_status().text
        assert "olga" not in text, path
        assert "fraud" not in text, path
    whole = (await shop.client("operator").get(f"/orders/{order_id}/timeline")).json()["items"]
    assert whole[1]["data"] == {"reason": "suspected of fraud"}
    assert whole[1]["actor"] == f"{role}:olga"


async def test_of_all_kinds_of_events_a_customer_sees_those_that_are_listed_and_of_these_what_is_theirs(
    shop: Shop,
) -> None:
    order_id = await placed(shop)
    for topic, kind in EVENTS.items():
        await append(shop.store, marked(kind, topic), order_id)
    items = (await story(shop, order_id, limit=100))[1:]
    assert {item["topic"] for item in items} == set(TOPICS)
    shown = json.dumps(items)
    assert "olga" not in shown
    assert "request_id" not in shown
    marks = {word for item in items for word in json.dumps(item).replace('"', " ").split() if word.startswith("mark:")}
    assert {mark.rstrip(":;,") for mark in marks} <= {
        "mark:ordering.OrderPlaced.currency",
        "mark:ordering.OrderPlaced.payment_method",
        "mark:ordering.OrderConfirmed.tracking_number",
        "mark:ordering.OrderConfirmed.carrier",
        "mark:ordering.OrderRejected.reason",
        "mark:ordering.OrderCancellationRefused.cause",
        "mark:shipping.Scheduled.tracking_number",
        "mark:shipping.Scheduled.carrier",
    }


def marked(kind: type[Event], topic: str) -> Event:
    """An event in a stream of its own, whose texts say where they come from."""
    event = example(kind)
    texts = {name: f"mark:{topic}.{name}" for name, field in kind.model_fields.items() if field.annotation is str}
    return event.model_copy(update={**texts, "originator_id": uuid4(), "originator_version": 1})


async def append(store: EventStore, event: Event, order_id: str) -> None:
    """Something happens to an order, done by somebody of the shop."""
    await store.append(Append([event], UUID(order_id), Metadata("operator:olga", "request-of-olga")))


async def test_a_customers_story_comes_in_pages(shop: Shop) -> None:
    order_id = await placed(shop)
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    for topic in TOPICS[1:]:
        await append(shop.store, marked(EVENTS[topic], topic), order_id)
    customer = shop.client("customer", CUSTOMER)
    topics: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = (await customer.get(f"/orders/{order_id}/timeline", params=params)).raise_for_status().json()
        topics += [item["topic"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert topics == list(TOPICS)


async def test_what_went_wrong_inside_stands_in_the_shops_view_of_the_process_and_not_in_the_customers(
    shop: Shop,
) -> None:
    order_id = await placed(shop)
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    process = ids.process_id(UUID(order_id))
    version = len(await shop.store.read_stream(process))
    postponed = StepPostponed(originator_id=process, originator_version=version + 1, detail="our credential is refused")
    case = CaseOpened(
        originator_id=process,
        originator_version=version + 2,
        order_id=UUID(order_id),
        kind="order_waits",
        detail="olga has to look",
    )
    await append(shop.store, postponed, order_id)
    await append(shop.store, case, order_id)
    path = f"/orders/{order_id}/process"
    within = (await shop.client("operator").get(path)).raise_for_status().json()
    theirs = (await shop.client("customer", CUSTOMER).get(path)).raise_for_status().json()
    assert within["case"] == "olga has to look"
    assert "credential" in within["waiting_for"]
    assert theirs["case"] is None
    assert theirs["waiting_for"] == "the stock to be reserved"
    hidden = {"case", "waiting_for", "why", "money_at_risk", "actions", "definition", "steps"}
    assert {name for name in within if within[name] != theirs[name]} == hidden
    assert theirs["steps"] == []


async def test_an_event_that_cannot_be_read_hides_no_other_from_the_customer(shop: Shop, database: Database) -> None:
    order_id = await placed(shop)
    for topic in TOPICS[1:3]:
        await append(shop.store, marked(EVENTS[topic], topic), order_id)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("UPDATE commerce_events SET state = '{' WHERE topic = %s", [TOPICS[1]])
    items = await story(shop, order_id)
    assert [item["topic"] for item in items] == list(TOPICS[:3])
    assert items[1]["text"] == "What happened here cannot be shown at the moment"
