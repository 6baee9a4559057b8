"""The console lets in whom it is for, takes its own forms only, and shows what the API shows."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from api.http.edge import Edge
from api.http.errors import TooManyRequests
from api.http.sites import CONSOLE, SITES
from api.pages.api_calls import ApiCalls
from api.permissions import CONSOLE_PAGES, SITE_ROLES, Reach, Rule, rule_of
from api.schemas.customers import EXAMPLE_REGISTRATION
from commerce.webhooks.deliveries import find_deliveries
from tests.catch_up import catch_up
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_cases import settled
from tests.integration.api.test_staff import OLGA, PASSWORD, joined, outbox  # noqa: F401 - a fixture
from tests.integration.console.conftest import Browsers
from workers.webhook_deliveries.subscription import webhook_subscription

NAME = "Ada <script>alert(1)</script>"
ERP = "https://erp.example/hooks"
MISSING = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"


async def placed(shop: Shop, **changed: Any) -> str:
    """The id of an order of a name that would be code, if a page did not escape it."""
    await shop.stock("lamp")
    body = order(("lamp", 1), **changed)
    body["shipping_address"] = {**body["shipping_address"], "name": NAME}
    answer = await shop.client("operator").post("/orders", json=body, headers=key())
    assert answer.status_code == 202
    await shop.show()
    return str(answer.json()["order_id"])


async def registered(shop: Shop) -> str:
    """The id of a customer who registered."""
    body = {**EXAMPLE_REGISTRATION, "given_name": NAME}
    answer = await shop.client().post("/customers", json=body)
    return str(answer.raise_for_status().json()["customer_id"])


async def told(shop: Shop) -> str:
    """The id of a webhook endpoint."""
    answer = await shop.client("operator").post("/webhook-endpoints", json={"url": ERP}, headers=key())
    return str(answer.raise_for_status().json()["endpoint_id"])


async def invited(shop: Shop) -> str:
    """The id of a member of staff."""
    body = {"email": "arno@shop.example", "role": "auditor"}
    answer = await shop.client("operator").post("/staff", json=body, headers=key())
    return str(answer.raise_for_status().json()["member_id"])


async def given_a_key(shop: Shop) -> str:
    """The id of an API key."""
    body = {"service": "warehouse", "scopes": ["stock:read"]}
    answer = await shop.client("operator").post("/auth/keys", json=body, headers=key())
    return str(answer.raise_for_status().json()["key_id"])


async def examples(shop: Shop) -> dict[str, str]:
    """What stands for each parameter of a page's path: something that there is."""
    endpoint_id = await told(shop)
    order_id = await placed(shop)
    await settled(shop)
    await catch_up(shop.store, webhook_subscription(asyncio.Event()))
    (delivery,) = await find_deliveries(shop.store.pool, UUID(endpoint_id), None, 2**62, 1)
    return {
        "order_id": order_id,
        "sku": "lamp",
        "shipment_id": MISSING,
        "position": str(delivery.position),
        "customer_id": await registered(shop),
        "name": "orders",
        "member_id": await invited(shop),
        "key_id": await given_a_key(shop),
        "session_id": MISSING,
        "endpoint_id": endpoint_id,
        "group": "4f1d2a9c0b7e",
    }


def page_paths(values: dict[str, str]) -> list[tuple[str, str]]:
    """Every page that is opened with GET, and its path with values in the place of parameters."""
    pages = [row.removeprefix("GET ") for row in CONSOLE_PAGES if row.startswith("GET ")]
    return [(page, page.removeprefix("/console").format_map(values)) for page in pages]


async def test_every_page_opens_for_whom_its_row_lets_in_and_for_nobody_else(shop: Shop, browsers: Browsers) -> None:
    paths = page_paths(await examples(shop))
    nobody = browsers.nobody()
    for role in ("operator", "auditor", "customer", "service"):
        subject = MISSING if role == "customer" else "somebody"
        browser = await browsers.of(role, subject)
        for page, path in paths:
            rule = rule_of(f"GET {page}")
            assert isinstance(rule, Rule)
            answer = await browser.open(path)
            if role in SITE_ROLES[CONSOLE] and rule.reach(role) is not Reach.NONE:
                assert answer.status_code == 200, page
            else:
                assert (answer.status_code, "This is not for you" in answer.text) == (403, True), (role, page)
            assert NAME not in answer.text or answer.headers["content-type"] == "application/json"
            assert "script-src 'self'" in answer.headers["content-security-policy"]
    for _, path in paths:
        answer = await nobody.open(path)
        assert (answer.status_code, answer.headers["location"][:14]) == (303, "/console/login")


async def test_every_page_in_every_language_has_all_texts(shop: Shop, browsers: Browsers) -> None:
    paths = page_paths(await examples(shop))
    browser = await browsers.of("operator")
    for _, path in paths:
        answer = await browser.open(path, language="de")
        assert answer.status_code == 200
        if answer.headers["content-type"].startswith("text/html"):
            assert '<html lang="de">' in answer.text
    assert "Bestellungen" in (await browser.open("/orders")).text


async def test_what_is_not_there_and_what_cannot_be_read_are_pages_too(shop: Shop, browsers: Browsers) -> None:
    browser = await browsers.of("operator")
    missing = await browser.open(f"/orders/{MISSING}")
    assert (missing.status_code, "There is nothing here" in missing.text) == (404, True)
    assert (await browser.open("/orders/nonsense")).status_code == 422
    assert (await browser.open("/orders", cursor="nonsense")).status_code == 422
    assert (await browser.client.get("/assets/nonsense")).status_code == 404


@pytest.mark.parametrize("site", SITES)
async def test_what_is_rejected_before_a_page_has_its_turn_is_a_page_for_browsers_alone(
    shop: Shop, browsers: Browsers, monkeypatch: pytest.MonkeyPatch, site: str
) -> None:
    client, html = browsers.nobody().client, {"accept": "text/html,*/*;q=0.8", "accept-language": "de"}
    for path, sent, status, said in (
        ("/nonsense", b"", 404, "Hier ist nichts"),
        ("/nonsense?q=%ff%3Cscript%3E", b"", 422, "UTF-8"),
        ("/login", b"a" * 1_100_000, 413, "Das ist zu groß"),
    ):
        method = "POST" if sent else "GET"
        page = await client.request(method, f"{site}{path}", headers=html, content=sent)
        assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert (said in page.text, "<script>" in page.text, "<h1>" in page.text) == (True, False, True)
        assert "script-src 'self'" in page.headers["content-security-policy"]
        document = await client.request(method, f"{site}{path}", content=sent)
        assert (document.status_code, document.json()["status"]) == (status, status)

    async def refused(*_: object) -> None:
        raise TooManyRequests("you have sent 100 requests in 900 s", 7)

    monkeypatch.setattr(Edge, "_count", refused)
    page = await client.get(site, headers=html)
    assert (page.status_code, page.headers["retry-after"]) == (429, "7")
    assert "Zu viel auf einmal" in page.text
    api = await client.get("/api/v1/orders", headers=html)
    assert (api.status_code, api.headers["content-type"]) == (429, "application/problem+json")


async def test_staff_log_in_by_password_and_second_factor_and_out_again(
    shop: Shop,
    browsers: Browsers,
    outbox: Any,  # noqa: F811
) -> None:
    olga = await joined(shop, outbox)
    browser = browsers.nobody()
    wrong = await browser.send("/login", email=OLGA, password=PASSWORD, code="000000")
    assert (wrong.status_code, "commerce_access" in browser.client.cookies) == (400, False)
    with capture_logs() as logs:
        inside = await browser.send("/login", email=OLGA, password=PASSWORD, code=olga.code(), next="/console/orders")
    assert (inside.status_code, inside.headers["location"]) == (303, "/console/orders")
    assert PASSWORD not in str(logs)
    for cookie in inside.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/console" in cookie
    assert (await browser.open("/orders")).status_code == 200
    before = dict(browser.client.cookies)
    browser.client.cookies.delete("commerce_access")  # as after a quarter of an hour
    assert (await browser.open("/orders")).status_code == 200
    assert browser.client.cookies["commerce_refresh"] != before["commerce_refresh"]
    assert (await browser.client.post("/console/logout")).headers["location"] == "/console/login"
    browser.client.cookies.update(before)
    assert (await browser.open("/orders")).status_code == 303


@pytest.mark.parametrize("place", ["https://elsewhere.example/", "//elsewhere.example", "/console/login", "/docs"])
async def test_a_login_leads_nowhere_else(shop: Shop, browsers: Browsers, place: str) -> None:
    browser = browsers.nobody()
    page = await browser.open("/login", next=place)
    assert 'name="next" value="/console"' in page.text


async def test_a_form_is_taken_from_our_own_page_only(shop: Shop, browsers: Browsers) -> None:
    order_id = await placed(shop)
    path = f"/orders/{order_id}/cancellation"
    olga, otto = await browsers.of("operator", "olga"), await browsers.of("operator", "otto")
    page = await otto.open(path)
    assert (await olga.client.post(f"/console{path}", data={"reason": "why"})).status_code == 403
    of_otto = {"form_token": page.text.partition('name="form_token" value="')[2].partition('"')[0], "reason": "why"}
    assert (await olga.client.post(f"/console{path}", data=of_otto)).status_code == 403
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert (await otto.client.post(f"/console{path}", data=of_otto, headers=elsewhere)).status_code == 403
    foreign = {"origin": "https://elsewhere.example"}
    assert (await otto.client.post(f"/console{path}", data=of_otto, headers=foreign)).status_code == 403
    assert [one.event.TOPIC for one in await shop.store.read_stream(UUID(order_id))] == ["ordering.OrderPlaced"]


async def test_an_action_is_previewed_done_once_and_seen_at_once(shop: Shop, browsers: Browsers) -> None:
    order_id = await placed(shop)
    browser = await browsers.of("operator", "olga")
    path = f"/orders/{order_id}/cancellation"
    without_reason = await browser.send(path, reason="")
    assert (without_reason.status_code, "reason" in without_reason.text) == (422, True)
    page = await browser.open(path)
    assert "What will happen" in page.text
    done = await browser.send(path, reason="the customer wrote")
    assert (done.status_code, done.headers["location"]) == (303, f"/console/orders/{order_id}?done=cancellation")
    events = await shop.store.read_stream(UUID(order_id))
    assert [one.event.TOPIC for one in events] == ["ordering.OrderPlaced", "ordering.OrderCancellationRequested"]
    assert events[-1].actor == "operator:olga"
    readings = await shop.client("auditor").get(f"/audit/orders/{order_id}/readings")
    assert "operator:olga" in {one["actor"] for one in readings.json()["items"]}


async def test_a_list_is_a_csv_file_that_no_spreadsheet_runs(shop: Shop, browsers: Browsers) -> None:
    await shop.stock("lamp")
    for name in ("=1+1", "Ada"):
        body = order(("lamp", 1))
        body["shipping_address"] = {**body["shipping_address"], "name": name}
        await shop.client("operator").post("/orders", json=body, headers=key())
    await shop.show()
    browser = await browsers.of("operator")
    answer = await browser.open("/orders", format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.text.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("Number,Placed,Status")
    assert "'=1+1" in answer.text


async def test_the_log_is_searched_newest_first_and_leads_from_an_event_to_its_cause(
    shop: Shop, browsers: Browsers
) -> None:
    order_id = await placed(shop)
    browser = await browsers.of("operator", "olga")
    number = (await shop.client("operator").get(f"/orders/{order_id}")).json()["number"]
    everything = (await browser.open("/log", topic="ordering.OrderPlaced", **{"from": "2026-01-01T00:00"})).text
    assert f"/console/orders/{order_id}" in everything
    assert "London" in everything
    by_number = await browser.open("/log", about=number)
    assert "inventory.StockReceived" not in by_number.text
    first = (await shop.store.read_stream(UUID(order_id)))[0].position
    event = await browser.open(f"/log/{first}")
    assert ("nothing: somebody asked for it" in event.text, f"Event {first}" in event.text) == (True, True)
    for wrong in ("/log/0", "/log/99999", "/log/x"):
        assert (await browser.open(wrong)).status_code == 404, wrong
    assert (await browser.open("/log", about="nonsense")).status_code == 422
    assert "Follow live" not in (await browser.open("/log", to="2026-01-01")).text
    assert (
        f'data-live="/console/log/live?about={number}"' in (await browser.open("/log", about=number, follow="1")).text
    )


async def test_a_customer_is_found_shown_exported_and_erased(shop: Shop, browsers: Browsers) -> None:
    customer_id = await registered(shop)
    await shop.stock("lamp")
    body = {**order(("lamp", 1)), "customer_id": customer_id, "email": "ada@example.org"}
    (await shop.client("operator").post("/orders", json=body, headers=key())).raise_for_status()
    await shop.show()
    browser = await browsers.of("operator", "olga")
    path = f"/customers/{customer_id}"
    assert f"/console{path}" in (await browser.open("/customers", by="name", text="Lovelace")).text
    assert (await browser.open("/customers", by="id", text=customer_id)).headers["location"] == f"/console{path}"
    shown = await browser.open(path)
    assert ("Has an account" in shown.text, "olga" in shown.text) == (True, True)
    exported = await browser.open(f"{path}/export")
    assert exported.headers["content-disposition"] == f'attachment; filename="customer-{customer_id}.json"'
    assert exported.json()["customer"]["given_name"] == NAME
    preview = (await browser.open(f"{path}/erasure")).text
    assert ("telephone number of 1 orders" in preview, "It waits for these orders" in preview) == (True, True)
    done = await browser.send(f"{path}/erasure", ground="objection")
    assert done.headers["location"] == f"/console{path}?done=erasure"
    after = await browser.open(path)
    assert ("it waits for the last order" in after.text, "They object" in after.text) == (True, True)
    assert "Erase what is personal" not in after.text


async def test_a_customer_without_an_order_is_found_and_a_guest_is_erased_at_their_order(
    shop: Shop, browsers: Browsers
) -> None:
    customer_id = await registered(shop)
    order_id = await placed(shop)
    browser = await browsers.of("operator", "olga")
    found = (await browser.open("/customers", by="email", text="ada@example.org")).text
    assert (f"/console/customers/{customer_id}" in found, "Has not ordered anything yet." in found) == (True, True)
    assert "Nobody fits" in (await browser.open("/customers", by="email", text="grace@example.org")).text
    path = f"/orders/{order_id}"
    assert f"{path}/erasure" in (await browser.open(path)).text
    assert "It waits for the order to end." in (await browser.open(f"{path}/erasure")).text
    done = await browser.send(f"{path}/erasure", ground="objection")
    assert done.headers["location"] == f"/console{path}?done=erasure"
    after = (await browser.open(path)).text
    assert ("asked for on" in after, f"{path}/erasure" in after) == (True, False)


async def test_who_looked_is_told_to_auditors_of_everybody_and_to_operators_of_themselves(
    shop: Shop, browsers: Browsers
) -> None:
    order_id = await placed(shop)
    await shop.client("operator", "olga").get(f"/orders/{order_id}")
    arno, otto = await browsers.of("auditor", "arno"), await browsers.of("operator", "otto")
    for query in ({}, {"actor": "operator:olga"}, {"about": order_id, "from": "2026-01-01", "to": "2999-12-31"}):
        assert "olga" in (await arno.open("/readings", **query)).text, query
    number = (
        (await arno.open(f"/orders/{order_id}")).text.partition('href="/console/readings?about=')[2].partition('"')[0]
    )
    assert "olga" in (await arno.open("/readings", about=number)).text
    assert "olga" not in (await arno.open("/readings", to="2026-01-01")).text
    assert "olga" not in (await arno.open("/readings", about=MISSING)).text
    assert "the order, with name and address" in (await arno.open("/readings")).text
    assert "olga" not in (await otto.open("/readings")).text
    assert ">Betreiber olga</a>" in (await arno.open("/readings", language="de")).text
    assert (await otto.open("/readings", actor="operator:olga")).status_code == 403


async def test_a_read_model_is_verified_and_rebuilt_from_its_page(shop: Shop, browsers: Browsers) -> None:
    browser = await browsers.of("operator", "olga")
    await shop.show()
    assert "/console/read-models/orders" in (await browser.open("/read-models")).text
    assert (await browser.open("/read-models/nonsense")).status_code == 404
    for kind in ("rebuild", "verification"):
        done = await browser.send(f"/read-models/orders/{kind}")
        assert done.headers["location"] == f"/console/read-models/orders?done={kind}"
        assert (await browser.send(f"/read-models/orders/{kind}")).status_code == 409
        assert 'hx-trigger="load delay:2s"' in (await browser.open("/read-models/orders")).text
        ended = await browser.send(f"/read-models/orders/{kind}/end")
        assert ended.headers["location"] == "/console/read-models/orders?done=given_up"


async def test_the_log_is_verified_from_its_page(shop: Shop, browsers: Browsers) -> None:
    browser = await browsers.of("operator", "olga")
    assert "The log was never verified from here." in (await browser.open("/integrity")).text
    done = await browser.send("/integrity/verification")
    assert done.headers["location"] == "/console/integrity?done=verification"
    page = (await browser.open("/integrity")).text
    assert ('hx-trigger="load delay:2s"' in page, "operator:olga" in page) == (True, True)
    assert "/integrity/verification" not in (await (await browsers.of("auditor")).open("/integrity")).text
    ended = await browser.send("/integrity/verification/end")
    assert ended.headers["location"] == "/console/integrity?done=given_up"


async def test_a_fault_of_ours_is_a_page_too_and_says_nothing_of_how(
    shop: Shop, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("a secret of the inside")

    browser = await browsers.of("operator")
    monkeypatch.setattr(ApiCalls, "get", broken)
    answer = await browser.open("/orders")
    assert answer.status_code == 500
    assert "<h1>" in answer.text
    assert "secret" not in answer.text


async def test_an_endpoint_is_added_changed_given_a_new_secret_and_removed(shop: Shop, browsers: Browsers) -> None:
    browser = await browsers.of("operator", "olga")
    added = await browser.send("/webhooks/endpoints/new", url=ERP, event_types="ordering.OrderConfirmed")
    assert (added.status_code, "whsec_" in added.text) == (200, True)
    assert (await browser.send("/webhooks/endpoints/new", url=ERP, event_types="nonsense")).status_code == 422
    await shop.show()
    (endpoint,) = (await shop.client("operator").get("/webhook-endpoints")).json()["items"]
    path = f"/webhooks/{endpoint['endpoint_id']}"
    assert f"/console{path}" in (await browser.open("/webhooks")).text
    assert "whsec_" not in (await browser.open(path)).text
    assert "whsec_" in (await browser.send(f"{path}/rotation")).text
    changed = await browser.send(f"{path}/change", url=f"{ERP}/2", event_types="", notice_to="", enabled="1")
    assert changed.headers["location"] == f"/console{path}?done=webhook"
    shown = (await browser.open(path)).text
    assert (f"{ERP}/2" in shown, "It is told what happens, in order" in shown) == (True, True)
    assert (await browser.send(f"{path}/replay", since="2026-11-30T10:15")).status_code == 303
    assert (await browser.open(f"{path}/deliveries/1")).status_code == 404
    assert (await browser.send(f"{path}/removal")).headers["location"] == "/console/webhooks?done=webhook"


async def test_one_delivery_is_shown_and_made_once_more(shop: Shop, browsers: Browsers) -> None:
    known = await examples(shop)
    browser = await browsers.of("operator", "olga")
    path = f"/webhooks/{known['endpoint_id']}"
    delivery = f"{path}/deliveries/{known['position']}"
    assert f'href="/console{delivery}"' in (await browser.open(path)).text
    page = (await browser.open(delivery)).text
    assert ("It was not tried yet." in page, f'href="/console/log/{known["position"]}"' in page) == (True, True)
    done = await browser.send(f"{delivery}/replay")
    assert (done.status_code, done.headers["location"]) == (303, f"/console{delivery}?done=redelivery")
    events = await shop.store.read_stream(UUID(known["endpoint_id"]))
    assert events[-1].event.TOPIC == "webhooks.DeliveryReplayRequested"
    assert "replay" not in (await (await browsers.of("auditor")).open(delivery)).text


async def test_nothing_was_signed_yet_and_a_proof_is_of_an_order_that_there_is(shop: Shop, browsers: Browsers) -> None:
    browser = await browsers.of("auditor", "arno")
    page = await browser.open("/integrity")
    assert "Nothing was signed yet" in page.text
    fields = {"form_token": page.text.partition('name="form_token" value="')[2].partition('"')[0]}
    unnamed = await browser.client.post("/console/integrity/proof", data=fields)
    assert unnamed.status_code == 400
    missing = await browser.client.post("/console/integrity/proof", data={**fields, "order": MISSING})
    assert missing.status_code == 404, missing.text


async def test_a_proof_is_checked_and_what_is_wrong_is_said(shop: Shop, browsers: Browsers) -> None:
    order_id = await placed(shop)
    await shop.seal()
    browser = await browsers.of("auditor", "arno")
    assert "not signed yet" not in (await browser.open("/integrity")).text
    proof = (await shop.client("auditor").get(f"/audit/orders/{order_id}/proof")).text
    number = (await shop.client("operator").get(f"/orders/{order_id}")).json()["number"]
    good = await browser.send("/integrity", proof=proof)
    for said in ("This proof holds", f'href="/console/orders/{order_id}">{number}</a>', 'class="badge badge-good"'):
        assert said in good.text
    size = json.loads(proof)["tree_size"]
    for changed, said in (
        (proof.replace("service", "customer"), "is not what was signed"),
        (proof.replace("operator:somebody", "operator:nobody"), "is not what was signed"),
        (proof.replace(order_id, MISSING), "This proof does not hold"),
        (proof.replace(f'"tree_size":{size}', '"tree_size":99999'), "no head of 99999 events was signed here"),
        (proof.replace(f'"tree_size":{size}', f'"tree_size":{2**70}'), "is no size of a tree"),
        (NAME, "this file is no proof"),
        ("", "this file is no proof"),
    ):
        if changed != proof:
            page = (await browser.send("/integrity", proof=changed)).text
            assert (said in page, NAME in page, "This proof holds" in page) == (True, False, False), said
