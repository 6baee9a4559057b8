"""Orders over HTTP: placed, repeated, looked at as they were, waited for, cancelled."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from commerce.eventstore import Append, Metadata, in_stream
from commerce.eventstore.personal_keys import owner_of
from commerce.ordering import order as ordering
from commerce.ordering.commands import load_order
from commerce.ordering.number import number_of
from commerce.runtime.settings import Settings
from tests.integration.api.conftest import ADDRESS, Shop, key, order, serving


async def test_an_order_is_placed_at_the_catalogues_price_and_shown(shop: Shop) -> None:
    await shop.stock("green tea %", price="12.50")
    operator = shop.client("operator")
    answer = await operator.post("/orders", json=order(("green tea %", 2)), headers=key())
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    assert accepted == {
        "order_id": accepted["order_id"],
        "number": number_of(accepted["position"]),
        "version": 1,
        "status": "placed",
        "position": accepted["position"],
    }
    assert answer.headers["Location"] == f"/api/v1/orders/{accepted['order_id']}"
    shown = await operator.get(f"/orders/{accepted['order_id']}")
    assert shown.headers["ETag"] == '"1"'
    found = shown.json()
    assert found["placed_at"] == found["updated_at"]
    assert {**found, "placed_at": None, "updated_at": None} == {
        "order_id": accepted["order_id"],
        "number": accepted["number"],
        "customer_id": None,
        "reference": None,
        "email": None,
        "phone": None,
        "status": "placed",
        "reason": None,
        "currency": "EUR",
        "lines": [
            {
                "sku": "green tea %",
                "name": "The green tea %",
                "quantity": 2,
                "unit_price": {"amount": "12.50", "currency": "EUR"},
                "price_overridden": False,
                "total": {"amount": "25.00", "currency": "EUR"},
            }
        ],
        "total": {"amount": "25.00", "currency": "EUR"},
        "shipping_address": {**ADDRESS, "line2": None, "region": None},
        "personal_data": "readable",
        "payment_method": "pm_card_ok",
        "payment_action": None,
        "cancellation_refused": None,
        "tracking_number": None,
        "estimated_delivery": None,
        "disputes": [],
        "version": 1,
        "placed_at": None,
        "updated_at": None,
    }


async def test_a_second_line_that_a_form_left_blank_is_none(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    command = order(shipping_address={**ADDRESS, "line2": ""})
    order_id = (await operator.post("/orders", json=command, headers=key())).json()["order_id"]
    assert (await operator.get(f"/orders/{order_id}")).json()["shipping_address"] == {
        **ADDRESS,
        "line2": None,
        "region": None,
    }


async def test_an_order_can_be_seen_as_it_was(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    order_id = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    placed = (await operator.get(f"/orders/{order_id}")).json()
    await operator.post(f"/orders/{order_id}/cancellation", json={"reason": "changed my mind"})
    now = await operator.get(f"/orders/{order_id}")
    assert (now.json()["status"], now.headers["ETag"]) == ("cancelling", '"2"')
    path = f"/orders/{order_id}"
    assert (await operator.get(path, params={"version": 1})).json() == placed
    assert (await operator.get(path, params={"version": 3})).status_code == 404
    assert (await operator.get(path, params={"as_of": placed["placed_at"]})).json() == placed
    assert (await operator.get(f"{path}?as_of=2126-01-01T00:00:00+01:00")).json() == now.json()
    assert (await operator.get(path, params={"as_of": "2020-01-01T00:00:00Z"})).status_code == 404
    assert (await operator.get(path, params={"as_of": "2020-01-01T00:00:00"})).status_code == 422


async def test_a_cancellation_honours_the_version_it_names(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    order_id = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    path, command = f"/orders/{order_id}/cancellation", {"reason": "changed my mind"}
    stale = await operator.post(path, json=command, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["type"]) == (412, "/docs/problems/precondition-failed")
    for other in ('"7", "8"', 'W/"1"', '"something-else"', '"0"'):
        assert (await operator.post(path, json=command, headers={"If-Match": other})).status_code == 412, other
    for wrong in ("7", '"1', ""):
        assert (await operator.post(path, json=command, headers={"If-Match": wrong})).status_code == 400, wrong
    accepted = await operator.post(path, json=command, headers={"If-Match": '"7", "1"'})
    assert accepted.status_code == 202
    assert accepted.json().items() >= {"order_id": order_id, "version": 2, "status": "cancelling"}.items()
    again = await operator.post(path, json=command)
    assert (again.status_code, again.json()) == (202, accepted.json())
    events = await shop.store.read_stream(UUID(order_id))
    assert [event.metadata.actor for event in events] == ["operator:somebody"] * 2


async def test_a_cancellation_sent_again_as_it_was_is_answered_as_it_was(shop: Shop, settings: Settings) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    order_id = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    path, command, version = f"/orders/{order_id}/cancellation", {"reason": "too late"}, {"If-Match": '"1"'}
    async with serving(settings) as other:
        urls = (shop.url, other) * 5
        answers = await asyncio.gather(
            *(operator.post(f"{url}/api/v1{path}", json=command, headers=version) for url in urls)
        )
        assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
        cancelled = in_stream(ordering.cancel(await load_order(shop.store, UUID(order_id))), UUID(order_id), after=2)
        await shop.store.append(Append(cancelled, UUID(order_id), Metadata("service:saga")))
        for repeated in (version, {}, {"If-Match": '"1", "9"'}):
            again = await operator.post(f"{other}/api/v1{path}", json=command, headers=repeated)
            assert (again.status_code, again.text) == (202, answers[0].text)
            assert again.headers["Commerce-Position"] == answers[0].headers["Commerce-Position"]
    assert [event.topic for event in await shop.store.read_stream(UUID(order_id))].count(
        "ordering.OrderCancellationRequested"
    ) == 1
    for stale in (
        await operator.post(path, json={"reason": "another"}, headers=version),
        await shop.client("operator", "otto").post(path, json=command, headers=version),
        await operator.post(path, json=command, headers={"If-Match": '"2"'}),
    ):
        assert (stale.status_code, stale.json()["type"]) == (412, "/docs/problems/precondition-failed")


async def test_versions_in_several_headers_are_one_list(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    path = (await operator.post("/orders", json=order(), headers=key())).headers["Location"]
    command = {"reason": "moved"}
    headers = [("If-Match", '"7"'), ("If-Match", '"1"')]
    assert (await operator.post(f"{shop.url}{path}/cancellation", json=command, headers=headers)).status_code == 202


async def test_personal_data_is_sealed_with_the_key_of_the_customer_or_the_guests_order(shop: Shop) -> None:
    await shop.stock("lamp")
    operator, customer_id = shop.client("operator"), uuid4()
    ours = (await operator.post("/orders", json=order(customer_id=str(customer_id)), headers=key())).json()["order_id"]
    guests = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    for order_id, owner in ((ours, customer_id), (guests, UUID(guests))):
        await operator.post(f"/orders/{order_id}/cancellation", json={"reason": "moved"})
        found = await load_order(shop.store, UUID(order_id))
        assert owner_of(found.shipping_address) == owner
        assert found.cancellation_reason
        assert await shop.store.keys.open(found.cancellation_reason) == "moved"


async def test_a_new_customers_first_orders_may_come_at_once(shop: Shop) -> None:
    await shop.stock("lamp")
    customer = shop.client("customer", str(uuid4()))
    answers = await asyncio.gather(*(customer.post("/orders", json=order(), headers=key()) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    for answer in answers:
        found = (await customer.get(answer.headers["Location"].removeprefix("/api/v1"))).json()
        assert found["shipping_address"]["name"] == ADDRESS["name"]


async def test_a_client_that_prefers_to_wait_is_answered_with_the_ended_order(shop: Shop) -> None:
    await shop.stock("lamp", quantity=3)
    operator = shop.client("operator")
    wanted = order(("lamp", 4))
    async with shop.following():
        again = key()
        first, second = await asyncio.gather(
            *(operator.post("/orders", json=wanted, headers={**again, "Prefer": "wait=20"}) for _ in range(2))
        )
        listed = await operator.get("/orders", headers={"Commerce-Position": first.headers["Commerce-Position"]})
    for answer in (first, second):
        assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=20"), answer.text
        assert answer.json().items() >= {"status": "rejected", "reason": "out_of_stock", "version": 2}.items()
        assert answer.headers["ETag"] == '"2"'
    later = await operator.post("/orders", json=wanted, headers={**again, "Prefer": "wait=20"})
    assert (later.status_code, later.json()) == (200, first.json())
    assert listed.json()["items"] == [first.json()]


async def test_an_order_that_does_not_end_in_time_is_accepted(shop: Shop) -> None:
    await shop.stock("lamp")
    for prefer in ("wait=1", 'respond-async, wait="1"', "Wait = 1; x=y"):
        answer = await shop.client("operator").post("/orders", json=order(), headers={**key(), "Prefer": prefer})
        assert (answer.status_code, answer.json()["status"]) == (202, "placed")
        assert answer.headers["Preference-Applied"] == "wait=1"
    for prefer in ("wait=-1", "wait=1.5", "await=1", "wait", "wait=abc, wait=1", 'x="wait=1"'):
        answer = await shop.client("operator").post("/orders", json=order(), headers={**key(), "Prefer": prefer})
        assert answer.status_code == 202
        assert "Preference-Applied" not in answer.headers


async def test_only_the_shop_sets_another_price(shop: Shop) -> None:
    await shop.stock("lamp", price="10.00")
    cheap = {"amount": "1.5", "currency": "EUR"}
    command = order(lines=[{"sku": "lamp", "quantity": 2, "unit_price": cheap}, {"sku": "lamp", "quantity": 1}])
    customer = shop.client("customer", str(uuid4()))
    rejected = await customer.post("/orders", json=command, headers=key())
    assert (rejected.status_code, rejected.json()["errors"][0]["field"]) == (422, "lines[0].unit_price")
    service = shop.client("service")
    placed = (await service.post("/orders", json=command, headers=key())).json()
    found = (await service.get(f"/orders/{placed['order_id']}")).json()
    assert [line["price_overridden"] for line in found["lines"]] == [True, False]
    assert found["total"] == {"amount": "13.00", "currency": "EUR"}


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"lines": []}, "lines"),
    ({"lines": [{"sku": "lamp", "quantity": 0}]}, "lines[0].quantity"),
    ({"lines": [{"sku": "lamp", "quantity": 1_000_001}]}, "lines[0].quantity"),
    ({"lines": [{"sku": "lamp", "quantity": 1.0}]}, "lines[0].quantity"),
    ({"lines": [{"sku": "lamp", "quantity": "1"}]}, "lines[0].quantity"),
    ({"lines": [{"sku": "lamp", "quantity": 1}, {"sku": "Lamp", "quantity": 1}]}, "lines[1].sku"),
    ({"lines": [{"sku": "a/b", "quantity": 1}]}, "lines[0].sku"),
    ({"lines": [{"sku": "x" * 65, "quantity": 1}]}, "lines[0].sku"),
    ({"lines": [{"sku": "lamp", "quantity": 1}] * 1001}, "lines"),
    ({"currency": "USD"}, "lines[0].sku"),
    ({"currency": "XXX"}, "currency"),
    ({"payment_method": " "}, "payment_method"),
    ({"payment_method": "pm\x00card"}, "payment_method"),
    ({"shipping_address": {**ADDRESS, "country": "UK"}}, "shipping_address.country"),
    ({"shipping_address": {**ADDRESS, "country": "gb"}}, "shipping_address.country"),
    ({"shipping_address": {**ADDRESS, "name": "A\nB"}}, "shipping_address.name"),
    ({"shipping_address": {**ADDRESS, "line1": "x" * 301}}, "shipping_address.line1"),
    ({"shipping_address": {**ADDRESS, "planet": "Mars"}}, "shipping_address.planet"),
    ({"customer_id": "ada"}, "customer_id"),
    ({"coupon": "HALF"}, "coupon"),
    ({"lines": [{"sku": "lamp", "quantity": 1, "unit_price": {"amount": "1.999", "currency": "EUR"}}]},
     "lines[0].unit_price.amount"),
    ({"lines": [{"sku": "lamp", "quantity": 1, "unit_price": {"amount": "-1", "currency": "EUR"}}]},
     "lines[0].unit_price.amount"),
    ({"lines": [{"sku": "lamp", "quantity": 1, "unit_price": {"amount": 1, "currency": "EUR"}}]},
     "lines[0].unit_price.amount"),
]  # fmt: skip
"""What is changed in an order that is accepted, and the field that is then wrong."""


async def test_what_cannot_be_ordered_is_rejected_and_the_field_named(shop: Shop) -> None:
    await shop.stock("lamp", quantity=0)
    operator = shop.client("operator")
    for changed, field in REJECTED:
        answer = await operator.post("/orders", json=order(**changed), headers=key())
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field]), changed
        assert answer.json()["errors"][0]["message"]


async def test_a_thousand_lines_are_one_order(shop: Shop) -> None:
    await shop.stock("lamp", quantity=0, price="0.01")
    operator = shop.client("operator")
    placed = await operator.post("/orders", json=order(*[("lamp", 1)] * 1000), headers=key())
    found = (await operator.get(placed.headers["Location"].removeprefix("/api/v1"))).json()
    assert (len(found["lines"]), found["total"]["amount"]) == (1000, "10.00")


async def test_orders_are_listed_in_pages_newest_first(shop: Shop) -> None:
    await shop.stock("lamp")
    operator, ada = shop.client("operator"), str(uuid4())
    placed = [
        (await operator.post("/orders", json=order(customer_id=customer), headers=key())).json()["order_id"]
        for customer in (ada, None, ada)
    ]
    await shop.show()

    async def listed(**params: str) -> tuple[list[str], str | None]:
        page = (await operator.get("/orders", params=params)).raise_for_status().json()
        return [item["order_id"] for item in page["items"]], page["next_cursor"]

    assert await listed() == (placed[::-1], None)
    first, cursor = await listed(limit="2")
    assert first == [placed[2], placed[1]]
    assert cursor
    assert await listed(limit="2", cursor=cursor) == ([placed[0]], None)
    assert (await listed(customer_id=ada))[0] == [placed[2], placed[0]]
    assert (await listed(status="confirmed"))[0] == []
    begun, onward = await listed(limit="2", oldest_first="true", status="placed")
    assert (begun, await listed(oldest_first="true")) == (placed[:2], (placed, None))
    assert onward
    assert await listed(limit="2", oldest_first="true", status="placed", cursor=onward) == ([placed[2]], None)
    for bad in ({"cursor": onward}, {"cursor": cursor, "oldest_first": "true"}):
        refused = await operator.get("/orders", params=bad)
        assert (refused.status_code, "of another list" in refused.text) == (422, True), bad
    for bad in ({"limit": "101"}, {"limit": "0"}, {"cursor": "x"}, {"status": "lost"}, {"oldest_first": "maybe"}):
        assert (await operator.get("/orders", params=bad)).status_code == 422, bad


async def test_orders_at_one_of_several_statuses_are_listed_together(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    ids = [(await operator.post("/orders", json=order(), headers=key())).json()["order_id"] for _ in range(3)]
    await operator.post(f"/orders/{ids[0]}/cancellation", json={"reason": "moved"})
    await shop.show()
    for query, found in (
        ("status=placed&status=cancelling", ids[::-1]),
        ("status=cancelling&status=placed", ids[::-1]),
        ("status=placed", [ids[2], ids[1]]),
        ("status=confirmed&status=shipped", []),
    ):
        listed = (await operator.get(f"/orders?{query}")).json()["items"]
        assert [item["order_id"] for item in listed] == found, query
    assert (await operator.get("/orders?status=placed&status=nonsense")).status_code == 422
    assert (await operator.get("/orders?status=placed,confirmed")).status_code == 422


async def test_what_was_printed_as_a_time_is_taken_in_every_form_and_names_its_whole_unit(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    placed = (await operator.post("/orders", json=order(), headers=key())).json()
    path = f"/orders/{placed['order_id']}"
    stream = f"/audit/streams/{placed['order_id']}/state"
    exact = (await operator.get(path)).json()["placed_at"]
    utc = datetime.fromisoformat(exact)
    there = utc.astimezone(timezone(timedelta(hours=5, minutes=30)))
    forms = [exact, exact.replace("Z", "+00:00"), exact.replace("T", " "), exact.lower(), exact.replace(".", ",")]
    forms += [utc.isoformat(" ", "milliseconds"), there.isoformat(" ", "milliseconds"), there.isoformat()]
    forms += [f"{utc:%Y-%m-%d %H:%M:%S} UTC", f"{utc:%Y-%m-%dT%H:%M}Z", f"{utc:%Y-%m-%d}"]
    for form in forms:
        for written in (quote(form), quote(form, safe="+:"), quote(form, safe=":").replace("%20", "+")):
            for asked in (f"{path}?as_of={written}", f"{stream}?as_of={written}"):
                answer = await operator.get(asked)
                assert (answer.status_code, answer.json()["version"]) == (200, 1), asked
            events = await operator.get(f"/audit/events?topic=ordering.OrderPlaced&from={written}&to={written}")
            assert [one["stream_id"] for one in events.json()["items"]] == [placed["order_id"]], written


async def test_no_bare_number_is_a_time_and_no_time_is_beyond_the_calendar(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    order_id = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    wrong = [
        "2026",
        "20261123",
        "1e3",
        "0",
        "-1",
        "1763912196",
        "1763912196.5",
        "infinity",
        "nan",
        "2026-11-23T15:36:36",
    ]
    wrong += ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-01:00", "2026-11-23T00:00:00%2B24:00"]
    wrong += [
        "2026-12-31T23:59:60Z",
        "2026-11-23T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "",
        "15:40",
    ]
    asked = [(f"/orders/{order_id}", "as_of"), (f"/audit/streams/{order_id}/state", "as_of")]
    asked += [("/audit/events", "from"), ("/audit/events", "to"), ("/reports/sales", "from"), ("/reports/sales", "to")]
    for path, parameter in asked:
        for text in wrong:
            answer = await operator.get(f"{path}?{parameter}={text}")
            assert answer.status_code == 422, (path, parameter, text)
            assert answer.json()["errors"][0]["field"] == parameter
            assert "2026-11-23" in answer.json()["detail"]
    assert (await operator.get("/reports/sales?from=2026-11-23T10:00:00Z")).status_code == 422
    for edge in ("0001-01-01T00:00:00Z", "0001-01-01"):
        assert (await operator.get(f"/orders/{order_id}?as_of={edge}")).status_code == 404
    for edge in ("9999-12-31T23:59:59.999999Z", "9999-12-31", "9999-12-31T23:59:59+14:00"):
        assert (await operator.get(f"/orders/{order_id}", params={"as_of": edge})).status_code == 200


async def test_numbers_are_written_in_digits_alone(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    order_id = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    for text in ("+1", " 1", "1 ", "1_0", "1.0", "1e0", "\u0661", "\uff11", "0x1", "", "true"):
        for path, name in ((f"/orders/{order_id}", "version"), ("/orders", "limit"), ("/audit/events", "after")):
            answer = await operator.get(path, params={name: text})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name), (path, text)
