"""Work lists: what a person has to decide is chosen there, one or several at once, and what became of each is said."""

from __future__ import annotations

from html import unescape
from typing import Any, get_args
from uuid import UUID

import pytest

from api.console.pages.cases import KINDS
from commerce.eventstore import Append, EventStore, Metadata, in_stream
from commerce.ordering.commands import load_order
from commerce.ordering.order import ship
from commerce.saga.case_events import CaseKind
from commerce.values import ids
from tests.conftest import Database
from tests.integration.api.conftest import Shop
from tests.integration.api.test_after_placing import confirmed, placed
from tests.integration.api.test_cases import has_case, listed, settled
from tests.integration.console.conftest import FORM_FIELD, Browser, Browsers
from tests.integration.rebuild.conftest import parked, worker
from tests.integration.rebuild.test_standing_still import HUGE, write
from tests.waiting import eventually


async def decided(browser: Browser, path: str, chosen: list[tuple[str, str]], **fields: str) -> str:
    """Choose some of a list, see what will happen, and say yes."""
    address = httpx_address(path, chosen)
    page = await browser.client.get(address)
    assert page.status_code == 200, page.text
    hidden = dict(FORM_FIELD.findall(page.text))
    answer = await browser.client.post(address, data={**hidden, **fields})
    return str(answer.text)


def httpx_address(path: str, chosen: list[tuple[str, str]]) -> str:
    """The address that a form of a list sends."""
    return f"/console{path}?" + "&".join(f"{name}={value}" for name, value in chosen)


def test_the_console_knows_every_kind_of_case() -> None:
    assert set(KINDS) == set(get_args(CaseKind))


async def test_several_cases_are_taken_noted_and_closed_at_once(shop: Shop, browsers: Browsers) -> None:
    cases = [await has_case(shop), await has_case(shop, "dispute")]
    olga = await browsers.of("operator", "olga")
    page = await olga.open("/cases")
    assert all(f'value="{one}"' in page.text for one in cases)
    assert "they lie" in page.text
    chosen = [("order_id", one) for one in cases]
    text = await decided(olga, "/cases/assignment", [*chosen, ("order_id", "nonsense")], owner="olga")
    assert "Done to 2 of 3." in text
    await decided(olga, "/cases/notes", chosen[:1], note="asked <b>them</b>")
    found = {one["order_id"]: one for one in await listed(shop)}
    assert [(found[one]["owner"], found[one]["note"]) for one in cases] == [
        ("olga", "asked <b>them</b>"),
        ("olga", None),
    ]
    mine = await olga.open("/cases", whose="me")
    assert cases[0] in mine.text
    assert "<b>them</b>" not in mine.text
    assert cases[0] not in (await olga.open("/cases", whose="nobody")).text
    assert cases[1] in (await olga.open("/cases", kind="dispute")).text
    without_reason = await decided(olga, "/cases/retry", chosen[:1], reason="")
    assert "Done to 0 of 1." in without_reason
    again = await decided(olga, "/cases/retry", chosen[:1], reason="they answer again")
    assert "Done to 1 of 1." in again
    await decided(olga, "/cases/resolve", chosen, reason="they agreed", resolution="settled")
    assert await listed(shop) == []
    assert (await olga.open("/cases/notes")).text.count("Nothing is chosen") == 1


async def test_orders_of_several_cases_are_given_up_and_go_on_without_an_answer_at_once(
    shop: Shop, browsers: Browsers
) -> None:
    cases = [await has_case(shop) for _ in range(2)]
    chosen, olga = [("order_id", one) for one in cases], await browsers.of("operator", "olga")
    early = await decided(olga, "/cases/skip", chosen, reason="they let go on the phone")
    assert "Done to 0 of 2." in early
    preview = (await olga.client.get(httpx_address("/cases/compensate", chosen))).text
    assert preview.count("payments is asked to let go of the money set aside") == 2
    assert "Done to 2 of 2." in await decided(olga, "/cases/compensate", chosen, reason="sold twice")
    await settled(shop)
    client = shop.client("operator")
    for order_id in cases:
        process = (await client.get(f"/orders/{order_id}/process")).json()
        assert (process["stage"], "skip" in process["actions"]) == ("compensating", True)
    assert "Done to 2 of 2." in await decided(olga, "/cases/skip", chosen, reason="they let go on the phone")
    await settled(shop)
    statuses = [(await client.get(f"/orders/{order_id}")).json()["status"] for order_id in cases]
    assert statuses == ["rejected", "rejected"]


@pytest.mark.usefixtures("shop")
async def test_parked_events_are_decided_about_by_cause(
    shop: Shop, browsers: Browsers, store: EventStore, database: Database
) -> None:
    await shop.stock("mug")
    await shop.show()
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    olga = await browsers.of("operator", "olga")

    async def nothing() -> Any:
        return not await parked(store)

    async with worker(store):
        await eventually(lambda: parked(store))
        page = await olga.open("/parked")
        assert "stock" in page.text
        group = page.text.partition('href="/console/parked/')[2].partition('"')[0]
        events = await olga.open(f"/parked/{group}")
        assert f'value="{bad}"' in events.text
        summary = (await olga.open("")).text
        assert "1 event could not be handled" in summary
        wrong = await decided(olga, f"/parked/{group}/edit", [("position", str(bad))], reason="x", payload="no JSON")
        assert "payload" in wrong
        await decided(
            olga, f"/parked/{group}/edit", [("position", str(bad))], reason="four came", payload='{"quantity": 4}'
        )
        await eventually(nothing)
    assert "Every event was handled." in (await olga.open("/parked")).text


async def test_what_waits_to_leave_is_picked_dispatched_and_delivered_at_once(shop: Shop, browsers: Browsers) -> None:
    browser = await browsers.of("operator", "olga")
    assert "Nothing waits to leave." in (await browser.open("/shipping")).text
    first, second = [str(await confirmed(shop)) for _ in range(2)]
    open_order = await placed(shop)
    await shop.show()
    page = (await browser.open("/shipping")).text
    assert "2 orders wait to leave." in page
    assert page.index(first) < page.index(second)
    assert str(open_order) not in page
    picks = (await browser.open("/shipping/picks")).text
    assert ("2 pieces for 2 orders." in picks, "<strong>2</strong>" in picks) == (True, True)
    chosen = [("order_id", one) for one in (second, str(open_order))]
    picked = (await browser.client.get(httpx_address("/shipping/picks", chosen))).text
    in_german = unescape(picked.partition('lang="de"')[0].rpartition('href="')[2])
    assert [in_german.count(one) for _, one in chosen] == [1] * len(chosen), "another language leaves what was chosen"
    assert ("1 piece for 1 order." in picked, "Left out" in picked) == (True, True)
    assert "Done to 1 of 2." in await decided(browser, "/shipping/dispatch", chosen)
    order = await load_order(shop.store, UUID(second))
    shipped = in_stream(ship(order), order.id, after=order.version)  # what its process says when it hears of it
    await shop.store.append(Append(shipped, order.id, Metadata("service:saga")))
    await shop.show()
    assert "1 order waits to leave." in (await browser.open("/shipping")).text
    assert "1 order is on its way." in (await browser.open("/shipping/on-their-way")).text
    assert "Done to 1 of 1." in await decided(browser, "/shipping/delivery", chosen[:1])
    (shipment,) = (await shop.client("operator").get(f"/orders/{second}/shipments")).json()["items"]
    assert shipment["status"] == "delivered"
    auditor = await browsers.of("auditor")
    assert "Pick list" in (await auditor.open("/shipping")).text
    assert (await auditor.open("/shipping/dispatch", order_id=first)).status_code == 403


async def test_a_product_is_put_on_sale_received_counted_and_taken_off_sale(shop: Shop, browsers: Browsers) -> None:
    olga = await browsers.of("operator", "olga")
    begun = await olga.open("/add-product", sku="Grüner Tee?")
    path = begun.headers["location"].removeprefix("/console").removesuffix("/terms")
    terms = {"name": "<i>Tea</i>", "price.amount": "8.90", "price.currency": "EUR", "stocked": "1"}
    wrong = await olga.send(f"{path}/terms", **terms, prices="9.50")
    assert wrong.status_code == 422
    added = await olga.send(f"{path}/terms", **terms, prices="9.50 usd\n7 GBP")
    assert (added.status_code, added.headers["location"]) == (303, f"/console{path}?done=product")
    page = await olga.open(path)
    assert "<i>Tea</i>" not in page.text
    assert all(price in page.text for price in ("€8.90", "$9.50", "£7.00"))
    await shop.show()
    stock = path.replace("/catalogue/", "/stock/")
    assert (await olga.send(f"{stock}/receipts", quantity="7")).status_code == 303
    await shop.show()
    assert (await olga.send(f"{stock}/adjustments", quantity="-2", reason="broken")).status_code == 303
    await shop.show()
    assert (await olga.send(f"{stock}/adjustments", quantity="0", reason="none")).status_code == 422
    shown = await olga.open(stock)
    assert "5 can be ordered: 5 on hand, 0 of them reserved." in shown.text
    assert "operator%3Aolga" in shown.text
    assert (await olga.send(f"{path}/end")).status_code == 303
    assert "off sale" in (await olga.open(path)).text
