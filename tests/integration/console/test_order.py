"""An order's page says what it is and why; what can be done on it is previewed, and done once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

from commerce.eventstore import Append, Metadata, in_stream
from commerce.ordering.events import OrderDisputed
from commerce.payments import decisions
from commerce.payments.events import PaymentActionRequired
from commerce.values import ids
from commerce.values.money import Money
from tests.integration.api.conftest import Shop, order
from tests.integration.api.test_after_placing import confirmed
from tests.integration.api.test_cases import has_case
from tests.integration.api.test_refunds import happens, is_captured, payment_of
from tests.integration.console.conftest import Browsers
from tests.integration.console.test_console import placed


async def test_an_order_says_on_top_what_it_waits_for_or_why_it_ended(shop: Shop, browsers: Browsers) -> None:
    waits = await placed(shop)
    browser = await browsers.of("operator")
    assert "Waits for its process to begin since" in (await browser.open(f"/orders/{waits}")).text
    async with shop.following():
        short = await shop.client("operator").post(
            "/orders",
            json={
                "currency": "EUR",
                "lines": [{"sku": "lamp", "quantity": 500}],
                "shipping_address": {"name": "Ada", "line1": "1", "city": "London", "country": "GB"},
                "payment_method": "pm_card_ok",
            },
            headers={"Idempotency-Key": "short", "Prefer": "wait=20"},
        )
        assert short.json()["status"] == "rejected"
    await shop.show()
    page = (await browser.open(f"/orders/{short.json()['order_id']}")).text
    assert "500 lamp wanted" in page
    assert "Nothing was charged." in page
    assert (
        '<td data-sort="out_of_stock" data-title="Grund">nicht vorrätig</td>'
        in (await browser.open("/orders", language="de")).text
    )
    assert "4 steps" in page  # the reservation, in one chapter
    assert "Cancel the order" not in page


async def is_disputed(shop: Shop, order_id: UUID) -> None:
    """The customer has the bank take the money back."""
    told = OrderDisputed(dispute_id="dp_1", amount=Money.of("10.00", "EUR"), reason="fraudulent", answer_by=None)
    version = (await shop.store.read_stream(order_id))[-1].originator_version
    await shop.store.append(Append(in_stream([told], order_id, after=version), order_id, Metadata("service:saga")))


async def test_a_refund_is_chosen_previewed_and_made(shop: Shop, browsers: Browsers) -> None:
    order_id = await confirmed(shop)
    await is_captured(shop, order_id)
    await shop.show()
    browser = await browsers.of("operator", "olga")
    path = f"/orders/{order_id}/refund"
    assert "can be given back" in (await browser.open(path)).text
    too_much = await browser.open(path, amount="99.00")
    assert (too_much.status_code, "Or pieces of what was ordered" in too_much.text) == (409, True)
    assert "1 × lamp: €10.00" in (await browser.open(path, **{"line-1": "1"})).text
    preview = await browser.open(path, amount="4.00")
    assert "After that, €6.00 can still be given back." in preview.text
    assert "may pay twice" not in preview.text
    done = await browser.send(f"{path}?amount=4.00", reason="it came late")
    assert (done.status_code, done.headers["location"]) == (303, f"/console/orders/{order_id}?done=refund")
    whole = await browser.open(path, **{"line-1": "1"})
    assert (whole.status_code, "6.00 EUR" in whole.text) == (409, True)
    page = (await browser.open(f"/orders/{order_id}")).text
    for said in ("it came late", "operator olga", "€4.00", "asked for"):
        assert said in page
    await is_disputed(shop, order_id)
    assert "may pay twice" in (await browser.open(path, amount="4.00")).text
    await shop.show()
    refunds = (await browser.open("/refunds", status="requested")).text
    for said in ("it came late", "olga</a>", "€4.00", f"/console/orders/{order_id}", "is not back yet"):
        assert said in refunds
    assert "No refund fits" in (await browser.open("/refunds", status="failed")).text
    assert (await browser.open("/refunds", format="csv")).text.count("4.00 EUR") == 1


async def test_a_shipment_leaves_and_arrives(shop: Shop, browsers: Browsers) -> None:
    order_id = await confirmed(shop)
    await shop.show()
    browser = await browsers.of("operator", "olga")
    shipment = f"/orders/{order_id}/shipments/{ids.shipment_id(order_id)}"
    page = (await browser.open(f"/orders/{order_id}")).text
    assert "Confirmed; waits to leave with Parcels" in page
    assert f"{shipment}/dispatch" in page
    assert "TRK-1" in (await browser.open(f"{shipment}/dispatch")).text
    assert (await browser.send(f"{shipment}/dispatch")).status_code == 303
    page = (await browser.open(f"/orders/{order_id}")).text
    assert (f"{shipment}/dispatch" in page, f"{shipment}/delivery" in page) == (False, True)
    assert (await browser.send(f"{shipment}/delivery")).status_code == 303
    assert "Operator olga noted that the shipment arrived" in (await browser.open(f"/orders/{order_id}")).text


async def test_a_process_shows_its_steps_and_is_had_to_ask_again(shop: Shop, browsers: Browsers) -> None:
    order_id = await has_case(shop, detail="the order waits: they lie")
    browser = await browsers.of("operator", "olga")
    page = (await browser.open(f"/orders/{order_id}/process")).text
    for said in ("Waits for the payment to be authorised since", "they lie", "node-done", "node-asked"):
        assert said in page
    assert "process/retry?request=authorize" in page
    german = unescape((await browser.open(f"/orders/{order_id}/process", language="de")).text)
    assert "Wartet auf die Autorisierung der Zahlung seit" in german
    assert "Die Bestellung wartet: they lie" in german
    assert "Sie ist in Arbeit; noch gibt es keine Antwort auf die Bitte um die Autorisierung der Zahlung" in german
    assert "Die Bestellung wartet: they lie" in unescape((await browser.open("/cases", language="de")).text)
    told = {"Accept-Language": "de"}
    (case,) = (await shop.client("operator").get("/ops/cases", headers=told)).json()["items"]
    order = (await shop.client("operator").get(f"/orders/{order_id}")).json()
    assert (case["detail"], case["number"]) == ("Die Bestellung wartet: they lie", order["number"])
    assert f'data-title="Order">{order["number"]}</td>' in (await browser.open("/cases", language="en")).text
    (waits,) = (await shop.client("operator").get("/ops/processes", headers=told)).json()["items"]
    assert waits["next"] == "die Sendung buchen"
    await browser.open("/orders", language="en")
    for path in ("/stock/lamp", "/log", f"/orders/{order_id}"):
        assert f"1 of lamp reserved for order {order['number']}" in (await browser.open(path)).text, path
    retry = f"/orders/{order_id}/process/retry"
    preview = (await browser.open(retry, request="authorize")).text
    assert "Payments is asked to set 10.00 EUR aside on pm_card_ok" in preview
    done = await browser.send(f"{retry}?request=authorize", reason="they answer again")
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"/console/orders/{order_id}/process?done=intervention",
    )
    assert "they answer again" in (await browser.open(f"/orders/{order_id}")).text
    assert (
        "This is not possible now: nothing is asked for"
        in (await browser.open(f"/orders/{order_id}/process/skip")).text
    )
    resolve = f"/orders/{order_id}/process/resolve"
    assert (await browser.send(resolve, reason="a false alarm", resolution="false_alarm")).status_code == 303
    assert "they lie" not in (await browser.open(f"/orders/{order_id}/process")).text
    given_up = await browser.send(f"/orders/{order_id}/process/compensate", reason="sold twice")
    assert given_up.status_code == 303


async def test_whoever_reads_german_reads_what_happened_in_german(shop: Shop, browsers: Browsers) -> None:
    order_id = await confirmed(shop)
    async with shop.following():
        declined = await shop.client("operator", "olga").post(
            "/orders",
            json={**order(), "lines": [{"sku": "lamp", "quantity": 500}]},
            headers={"Idempotency-Key": "short", "Prefer": "wait=20"},
        )
    await shop.show()
    auditor, browser = shop.client("auditor"), await browsers.of("auditor")
    for about in (str(order_id), declined.json()["order_id"]):
        path = f"/orders/{about}/timeline"
        english = await auditor.get(path)
        german = await auditor.get(path, headers={"Accept-Language": "de-DE,en;q=0.5"})
        assert [one.headers["content-language"] for one in (english, german)] == ["en", "de"]
        assert "Accept-Language" in german.headers["vary"]
        held = {"Accept-Language": "de", "If-None-Match": german.headers["etag"]}
        assert (await auditor.get(path, headers=held)).status_code == 304
        assert (await auditor.get(path, headers={**held, "Accept-Language": "en"})).status_code == 200
        number = (await auditor.get(f"/orders/{about}")).json()["number"]
        sentences = {one["text"].replace(about, number) for one in english.json()["items"]}
        for page in ("/why", "/history", ""):
            shown = unescape((await browser.open(f"/orders/{about}{page}", language="de")).text)
            assert [text for text in sentences if text in shown] == []
        assert [one for one in german.json()["items"] if one["text"].replace(about, number) not in shown] == []
    lines = await auditor.get("/audit/events", headers={"Accept": "application/x-ndjson", "Accept-Language": "de"})
    assert "Operator olga placed order" in lines.text
    assert "Operator olga placed order" in (await browser.open("/log", language="de", format="csv")).text
    assert "Betreiber olga hat die Bestellung" in (await browser.open("/log", language="de")).text


async def test_why_shows_each_event_with_its_cause_who_and_by_which_request(shop: Shop, browsers: Browsers) -> None:
    order_id = await has_case(shop)
    browser = await browsers.of("auditor")
    page = (await browser.open(f"/orders/{order_id}/why")).text
    (request,) = (await shop.client("auditor").get(f"/audit/orders/{order_id}/trace")).json()["requests"][:1]
    for said in (request["request_id"], "operator somebody", "saga.Started", 'class="arrow"', "What it says"):
        assert said in page


async def test_an_order_is_seen_as_it_was_and_compared(shop: Shop, browsers: Browsers) -> None:
    order_id = await confirmed(shop)
    browser = await browsers.of("auditor")
    path = f"/orders/{order_id}/history"
    now = (await browser.open(path)).text
    assert "the order was “confirmed”" in now
    assert "TRK-1" in now
    first = (await browser.open(path, at="1")).text
    assert "the order was “placed”" in first
    assert "<dd>TRK-1</dd>" not in first
    compared = (await browser.open(path, at="2", **{"from": "1"})).text
    for said in ('<td data-title="Before">placed</td>', "<strong>confirmed</strong>", '<span class="money">€10.00'):
        assert said in compared
    german = (await browser.open(path, language="de", at="2", **{"from": "1"})).text
    for said in ('<td data-title="Feld">Status</td>', "<strong>bestätigt</strong>", "10,00"):
        assert said in german
    for time in ("0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "nonsense"):
        assert (await browser.open(path, language="en", time=time)).status_code == 200
    for number in ("9" * 5_000, "²", "-1"):
        assert (await browser.open(path, at=number)).status_code == 200
    assert 'value="2020-01-01T10:15:00"' in (await browser.open(path, time="2020-01-01T10:15:00")).text
    assert "the order was “placed”" in (await browser.open(path, time="2020-01-01T10:15:00")).text
    assert "the order was “confirmed”" in (await browser.open(path, time="2100-01-01T10:15", at="99")).text


async def test_a_payment_that_is_declined_or_waits_for_its_customer_is_shown(shop: Shop, browsers: Browsers) -> None:
    declined, waits = UUID(await placed(shop)), UUID(await placed(shop))
    until, address = datetime.now(UTC) + timedelta(hours=1), "https://bank.example/confirm"
    for order_id in (declined, waits):
        ten = Money.of("10.00", "EUR")
        await happens(shop, order_id, [*decisions.authorize(None, order_id, order_id, ten, "pm_card_ok")])
    payment = await payment_of(shop, declined)
    assert payment
    await happens(shop, declined, [*decisions.declined(payment, declined, "insufficient_funds")])
    action = PaymentActionRequired(
        order_id=waits, request_id=waits, authorization_id="auth_1", redirect_url=address, until=until
    )
    await happens(shop, waits, [action])
    browser = await browsers.of("operator")
    assert "The payment provider declined: insufficient_funds" in (await browser.open(f"/orders/{declined}")).text
    page = (await browser.open(f"/orders/{waits}")).text
    assert "The customer has to act so that the order is paid" in page
    assert address in page
