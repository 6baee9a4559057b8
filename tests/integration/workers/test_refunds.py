"""Refunds that somebody asks for, by real workers at the real provider: lost answers, rejections, and a cancellation in
between; the provider's ledger says what was given back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from commerce.payments.payment import Payment, fold
from commerce.payments.refund_commands import request_refund
from commerce.payments.refund_decisions import NewRefund
from commerce.saga.case_events import CaseOpened
from commerce.saga.commands import change_process
from commerce.saga.interventions import intervene
from commerce.shipping.commands import dispatch_shipment
from commerce.values import ids
from commerce.values.money import Money
from tests.integration.workers.interposed import Interposed, Says, interposed
from tests.integration.workers.shop import BY_TEST, PRICE, Shop, running
from tests.integration.workers.test_webhooks import asked_of_provider
from tests.waiting import eventually
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

REFUND = "/refunds"
CONFIRMED, CANCELLED = "ordering.OrderConfirmed", "ordering.OrderCancelled"
PAID = [("authorized", PRICE), ("captured", PRICE)]


@dataclass
class Desk:
    """A shop whose provider says to a refund what the test says."""

    shop: Shop
    provider: Interposed
    says: Says | None = None

    async def confirmed(self) -> UUID:
        order = await self.shop.place()
        assert await self.shop.ended(order) == CONFIRMED
        return order

    async def refund(self, order: UUID, amount: str, says: Says | None = None) -> UUID:
        self.says, refund, keys = says, uuid4(), self.shop.store.keys
        reason = keys.fresh(order).seal("why not")
        new = NewRefund(refund_id=refund, amount=Money.of(amount, "EUR"), reason=reason)
        await request_refund(self.shop.store, order, new, BY_TEST)
        return refund

    async def payment(self, order: UUID) -> Payment:
        payment = fold(one.event for one in await self.shop.store.read_stream(ids.payment_id(order)))
        assert payment is not None
        return payment

    async def becomes(self, order: UUID, refund: UUID, status: str) -> None:
        async def is_so() -> bool:
            return (await self.payment(order)).refunds[refund].status == status

        await eventually(is_so)

    async def cases(self, order: UUID) -> list[str]:
        stream = await self.shop.store.read_stream(ids.process_id(order))
        return [one.event.kind for one in stream if isinstance(one.event, CaseOpened)]


@pytest.fixture(autouse=True)
def _at_once(environment: pytest.MonkeyPatch) -> None:
    for module in ("workers.runtime.consumers", "commerce.outside.calls"):
        environment.setattr(f"{module}.growing", lambda *_args, **_options: 0.02)
    for module in ("commands", "refund_commands"):
        environment.setattr(f"commerce.payments.{module}.REFUND_PENDING_PAUSE_S", 0.02)


@asynccontextmanager
async def open_desk(shop: Shop, environment: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Run the workers, with the test between them and the provider."""
    async with interposed(shop.provider_url) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        found = Desk(shop, provider)
        provider.rule = lambda method, path: found.says if method == "POST" and path.endswith(REFUND) else None
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            yield found


async def test_refunds_are_made_one_by_one_and_a_cancellation_gives_back_the_rest(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with open_desk(shop, environment) as desk:
        order = await desk.confirmed()
        for refund in [await desk.refund(order, "5.00") for _ in range(2)]:
            await desk.becomes(order, refund, "refunded")
        assert await desk.shop.money(order) == [*PAID, ("refunded", "5.00"), ("refunded", "5.00")]
        await desk.shop.cancel(order)
        assert await desk.shop.ended(order) == CANCELLED
        assert await desk.shop.money(order) == [
            *PAID,
            ("refunded", "5.00"),
            ("refunded", "5.00"),
            ("refunded", "29.98"),
        ]


async def test_a_refund_whose_answer_is_lost_is_asked_for_and_not_called_again(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with open_desk(shop, environment) as desk:
        order = await desk.confirmed()
        refund = await desk.refund(order, "5.00", Says(503, {}, done=True))
        await desk.becomes(order, refund, "refunded")
        assert desk.provider.calls(REFUND) == 1
        assert any(one.startswith("GET") and str(refund) in one for one in desk.provider.asked)
        assert await desk.shop.money(order) == [*PAID, ("refunded", "5.00")]


async def test_a_rejected_refund_is_failed_only_after_the_provider_was_asked_and_is_a_case(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with open_desk(shop, environment) as desk:
        order = await desk.confirmed()
        await dispatch_shipment(desk.shop.store, order, BY_TEST)
        no = Says(402, {"code": "insufficient_balance"})
        refund = await desk.refund(order, "5.00", no)
        await desk.becomes(order, refund, "failed")
        assert any(one.startswith("GET") and str(refund) in one for one in desk.provider.asked)
        assert (await desk.payment(order)).refunds[refund].failure == "insufficient_balance"
        await eventually(lambda: desk.cases(order))
        assert await desk.cases(order) == ["refund_failed"]
        assert await desk.shop.money(order) == PAID
        again = await desk.refund(order, PRICE)
        await desk.becomes(order, again, "refunded")
        assert await desk.shop.money(order) == [*PAID, ("refunded", PRICE)]


async def test_money_that_was_disputed_is_given_back_under_a_new_key_once_that_is_over(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with open_desk(shop, environment) as desk:
        order = await desk.confirmed()
        id_ = (await desk.payment(order)).authorization_id
        opened = await asked_of_provider(shop, f"/v1/authorizations/{id_}/disputes", {"amount": "5.00"})
        refund = await desk.refund(order, "5.00")
        await desk.becomes(order, refund, "failed")
        assert (await desk.payment(order)).refunds[refund].failure == "disputed"
        await asked_of_provider(shop, f"/v1/disputes/{opened['dispute_id']}/closure", {"outcome": "won"})
        again = await desk.refund(order, "5.00")
        await desk.becomes(order, again, "refunded")
        assert await desk.shop.money(order) == [*PAID, ("refunded", "5.00")]


async def test_a_refund_whose_outcome_nobody_learns_is_ended_by_a_person_and_holds_up_no_other(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with open_desk(shop, environment) as desk:
        order = await desk.confirmed()
        refund = await desk.refund(order, "5.00", Says(503, {}))
        await eventually(lambda: desk.provider.calls(REFUND) > 1)
        reason = shop.store.keys.fresh(order).seal("paid by hand")
        await change_process(shop.store, order, lambda process: intervene(process, "skip", reason), BY_TEST)
        await desk.becomes(order, refund, "failed")
        assert (await desk.payment(order)).refunds[refund].failure == "skipped"
        other = await desk.refund(order, PRICE)
        await desk.becomes(order, other, "refunded")
        assert await desk.shop.money(order) == [*PAID, ("refunded", PRICE)]
        assert await desk.cases(order) == []


async def test_a_rejection_that_hides_a_refund_is_no_failure(shop: Shop, environment: pytest.MonkeyPatch) -> None:
    """The provider made it, and says that it did not."""
    async with open_desk(shop, environment) as desk:
        order = await desk.confirmed()
        lie = Says(402, {"code": "insufficient_balance"}, done=True)
        refund = await desk.refund(order, "5.00", lie)
        await desk.becomes(order, refund, "refunded")
        assert await desk.shop.money(order) == [*PAID, ("refunded", "5.00")]


async def test_a_cancellation_waits_for_a_refund_in_flight_and_gives_back_no_more_than_is_left(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with open_desk(shop, environment) as desk:
        order = await desk.confirmed()
        refund = await desk.refund(order, "5.00", Says(503, {}))
        await eventually(lambda: desk.provider.calls(REFUND) > 1)
        await desk.shop.cancel(order)
        await eventually(lambda: _is_stopped(desk.shop, order))
        assert (await desk.payment(order)).refunds[refund].status == "requested"
        desk.says = None
        assert await desk.shop.ended(order) == CANCELLED
        await desk.becomes(order, refund, "refunded")
        assert await desk.shop.money(order) == [*PAID, ("refunded", "5.00"), ("refunded", "34.98")]


async def _is_stopped(shop: Shop, order: UUID) -> bool:
    return (await shop.shipment(order))[-1] == "shipping.Cancelled"
