"""A provider that does not undo what it did: a case, which a person follows to its end; and nothing is asked for after
they took it as done."""

from __future__ import annotations

from uuid import UUID

import pytest

from commerce.audit.items import items_of
from commerce.eventstore import Metadata
from commerce.saga import cases
from commerce.saga.commands import change_process
from commerce.saga.interventions import intervene
from commerce.values import ids
from projections.processes import ProcessRow, fold
from tests.integration.workers.interposed import Says, interposed
from tests.integration.workers.shop import Shop, running
from tests.waiting import eventually
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

ANNA = Metadata("operator:anna", "request-1")
GONE = Says(404, {"code": "authorization_not_found", "detail": "There is no such authorization."})


async def row_of(shop: Shop, order: UUID) -> ProcessRow | None:
    """The process of an order as the read model has it, once it has begun."""
    row: ProcessRow | None = None
    for recorded in await shop.store.read_stream(ids.process_id(order)):
        row = fold(row, recorded)
    return row


async def test_an_undo_that_a_person_did_by_hand_is_asked_for_no_more_and_the_order_ends(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    key = shop.store.keys

    def rule(method: str, path: str) -> Says | None:
        return GONE if method == "POST" and path.endswith("/void") else None

    async with interposed(shop.provider_url, rule) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place(country="AQ")
            await eventually(lambda: _has_case(shop, order))
            sealing = await key.of(order)
            await change_process(shop.store, order, lambda it: cases.assign(it, "anna"), ANNA)
            await change_process(shop.store, order, lambda it: cases.add_note(it, sealing.seal("asked them")), ANNA)
            calls = provider.calls("/void")
            await change_process(
                shop.store, order, lambda it: intervene(it, "retry", sealing.seal("they work again")), ANNA
            )
            await eventually(lambda: provider.calls("/void") > calls)
            await change_process(
                shop.store, order, lambda it: intervene(it, "skip", sealing.seal("let go on the phone")), ANNA
            )
            assert await shop.ended(order) == "ordering.OrderRejected shipping_unavailable"
            await eventually(lambda: _nothing_is_asked(shop))
            assert provider.calls("/void") == calls + 1
    row = await row_of(shop, order)
    assert row is not None
    assert (row.cases, row.state.owner, row.note) == ((), None, None)
    told = [item.text for item in await items_of(key, await shop.store.read_stream(ids.process_id(order)))]
    for text in (
        "A person has to look: the payment provider does not let the money go: authorization_not_found",
        "Operator anna gave the case to anna",
        "Operator anna noted on the case: asked them",
        "Operator anna intervened, to ask once more for the payment to be let go: they work again",
        "Operator anna intervened, to go on without an answer to the request for the payment to be let go:"
        " let go on the phone",
        "Taken as undone, as a person decided: authorization; it is not asked for any more",
    ):
        assert text in told, told


async def test_a_confirmed_order_that_nobody_ships_becomes_a_case_by_a_setting(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("COMMERCE_DISPATCH_TIMEOUT_S", "1")
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await shop.place()
        assert await shop.ended(order) == "ordering.OrderConfirmed"
        await eventually(lambda: _has_case(shop, order))
    row = await row_of(shop, order)
    assert row is not None
    assert [case.kind for case in row.cases] == ["not_shipped"]


async def _has_case(shop: Shop, order: UUID) -> bool:
    row = await row_of(shop, order)
    return row is not None and bool(row.cases)


async def _nothing_is_asked(shop: Shop) -> bool:
    return await shop.open_requests() == []
