"""Orders from placed to their end: the process manager, the relay and the consumers on real parts."""

from __future__ import annotations

import asyncio

from commerce.shipping.commands import dispatch_shipment
from projections.orders import order_of
from tests.integration.workers.shop import BY_TEST, PRICE, Shop, running
from tests.waiting import eventually
from workers.notifications import notifications_app
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

ENDINGS = [
    ("pm_card_ok", "DE", "ordering.OrderConfirmed", [("authorized", "39.98"), ("captured", "39.98")]),
    ("pm_card_flaky", "DE", "ordering.OrderConfirmed", [("authorized", "39.98"), ("captured", "39.98")]),
    ("pm_card_timeout", "DE", "ordering.OrderConfirmed", [("authorized", "39.98"), ("captured", "39.98")]),
    ("pm_card_declined", "DE", "ordering.OrderRejected payment_declined", [("declined", "39.98")]),
    ("pm_card_error", "DE", "ordering.OrderRejected payment_unavailable", []),
    ("pm_card_ok", "AQ", "ordering.OrderRejected shipping_unavailable", [("authorized", "39.98"), ("voided", "39.98")]),
]


async def test_every_payment_method_and_country_leads_an_order_to_its_end_and_the_money_to_its_place(
    shop: Shop,
) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app(), notifications_app()):
        orders = [await shop.place(method, country) for method, country, _, _ in ENDINGS]
        ends = await asyncio.gather(*(shop.ended(order) for order in orders))
        assert ends == [end for _, _, end, _ in ENDINGS]
        assert [await shop.money(order) for order in orders] == [money for _, _, _, money in ENDINGS]
        await eventually(lambda: _mails(shop, len(orders)))
        await eventually(lambda: _nothing_open(shop))
    confirmed = (shop.outbox / f"{orders[0]}-confirmed.txt").read_text()
    assert "Erika Mustermann" in confirmed
    assert "39.98 EUR" in confirmed
    assert "Tracking number: " in confirmed
    assert "payment_declined" in (shop.outbox / f"{orders[3]}-rejected.txt").read_text()


async def test_a_cancellation_that_came_too_late_shows_in_the_order_and_the_customer_is_told(shop: Shop) -> None:
    apps = (saga_app, relay_app, payments_app, shipping_app, notifications_app)
    async with running(*(app() for app in apps)):
        order = await shop.place()
        await shop.ended(order)
    await dispatch_shipment(shop.store, order, BY_TEST)
    await shop.cancel(order)
    asked = order_of(await shop.store.read_stream(order))
    assert asked is not None
    assert (asked.state.status, asked.state.refusal) == ("cancelling", None)
    async with running(*(app() for app in apps)):
        await eventually(lambda: len(list(shop.outbox.glob(f"{order}-*.txt"))) == 3)
    shown = order_of(await shop.store.read_stream(order))
    assert shown is not None
    assert (shown.state.status, shown.state.refusal) == ("shipped", "dispatched")
    (mail,) = shop.outbox.glob(f"{order}-cancellation-refused-*.txt")
    told = mail.read_text(encoding="utf-8")
    assert "cannot be cancelled any more" in told
    assert "your shipment had already left our house" in told
    assert await shop.money(order) == [("authorized", PRICE), ("captured", PRICE)]


async def _mails(shop: Shop, count: int) -> bool:
    return shop.outbox.exists() and len(list(shop.outbox.glob("*.txt"))) == count


async def _nothing_open(shop: Shop) -> bool:
    return not await shop.open_requests()
