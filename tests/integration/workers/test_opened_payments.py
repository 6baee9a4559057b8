"""An authorisation is on record before money is set aside under it: whatever dies, and whenever, it is held once, or
not at all once it is undone."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg
import pytest

from commerce.audit.filled_sentences import filled_sentence
from commerce.outside.errors import TryAgain
from commerce.payments.payment import PaymentOperation
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from commerce.values.money import Money
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.workers.opening_provider import POINTS, OpeningProvider, Point
from tests.integration.workers.shop import PRICE, Shop, payment_commands
from workers.outbox.message_schemas import Command

ATTEMPTED, OPENED = "payments.AuthorizationAttempted", "payments.AuthorizationOpened"
AUTHORIZED, CLOSED = "payments.Authorized", "payments.Closed"
VOID_ATTEMPTED = "payments.VoidAttempted"
ON_RECORD: tuple[Point, ...] = ("before authorizing", "authorized")
"""Where the authorisation that was opened is on record."""


async def test_an_authorisation_is_on_record_before_money_is_set_aside_under_it(shop: Shop) -> None:
    provider = OpeningProvider()
    order = await _placed(shop)
    await _authorize(shop, provider, order)
    assert await shop.payment(order) == [ATTEMPTED, OPENED, AUTHORIZED]
    assert provider.statuses() == ["held"]


@pytest.mark.parametrize("forgets_keys", [False, True])
@pytest.mark.parametrize("point", POINTS)
async def test_wherever_the_process_dies_money_is_held_once(shop: Shop, point: Point, forgets_keys: bool) -> None:
    provider = OpeningProvider(forgets_keys, dies_at={point})
    order = await _placed(shop)
    with pytest.raises(asyncio.CancelledError):
        await _authorize(shop, provider, order)
    assert await shop.payment(order) == [ATTEMPTED, *([OPENED] if point in ON_RECORD else [])]
    await _authorize(shop, provider, order)
    assert [status for status in provider.statuses() if status != "opened"] == ["held"]
    assert (await shop.payment(order)).count(OPENED) == 1
    assert (await shop.payment(order))[-1] == AUTHORIZED


@pytest.mark.parametrize("point", POINTS)
async def test_wherever_the_process_dies_an_undo_leaves_nothing_held(
    shop: Shop, database: Database, point: Point
) -> None:
    provider = OpeningProvider(dies_at={point})
    order = await _placed(shop)
    with pytest.raises(asyncio.CancelledError):
        await _authorize(shop, provider, order)
    await _cancelled(shop, order)
    if point not in ON_RECORD:  # a call may be under way that opens one
        with pytest.raises(TryAgain):
            await _void(shop, provider, order)
        with psycopg.connect(database.admin_url) as owner:
            owner.execute("UPDATE commerce_events SET recorded_at = recorded_at - interval '30 seconds'")
    await _void(shop, provider, order)
    attempted = [VOID_ATTEMPTED] if point in ON_RECORD else []
    assert (await shop.payment(order))[-1 - len(attempted) :] == [*attempted, CLOSED]
    assert set(provider.statuses()) <= {"opened", "let go"}
    assert provider.statuses() == {"before opening": [], "opened": ["opened"]}.get(point, ["let go"])


async def test_a_process_that_wakes_with_an_authorisation_after_the_undo_holds_nothing_under_it(
    shop: Shop, database: Database
) -> None:
    provider = OpeningProvider(waits={"opened": asyncio.Event()})
    order = await _placed(shop)
    frozen = asyncio.create_task(_authorize(shop, provider, order))
    await provider.reached["opened"].wait()
    await _cancelled(shop, order)
    with psycopg.connect(database.admin_url) as owner:
        owner.execute("UPDATE commerce_events SET recorded_at = recorded_at - interval '30 seconds'")
    await _void(shop, provider, order)
    provider.waits["opened"].set()
    await frozen
    assert await shop.payment(order) == [ATTEMPTED, CLOSED]
    assert "authorize" not in provider.calls
    assert provider.statuses() == ["opened"]


async def test_a_process_that_wakes_before_it_has_money_set_aside_finds_the_authorisation_ended(shop: Shop) -> None:
    provider = OpeningProvider(waits={"before authorizing": asyncio.Event()})
    order = await _placed(shop)
    frozen = asyncio.create_task(_authorize(shop, provider, order))
    await provider.reached["before authorizing"].wait()
    await _cancelled(shop, order)
    await _void(shop, provider, order)
    provider.waits["before authorizing"].set()
    await frozen
    assert await shop.payment(order) == [ATTEMPTED, OPENED, VOID_ATTEMPTED, CLOSED]
    assert provider.statuses() == ["let go"]


async def test_what_was_set_aside_while_it_was_undone_is_let_go(shop: Shop) -> None:
    provider = OpeningProvider(waits={"authorized": asyncio.Event()})
    order = await _placed(shop)
    frozen = asyncio.create_task(_authorize(shop, provider, order))
    await provider.reached["authorized"].wait()
    await _cancelled(shop, order)
    await _void(shop, provider, order)
    assert provider.statuses() == ["let go"]
    provider.waits["authorized"].set()
    await frozen  # and says only now that the money is set aside, which is found late, and undone
    await payment_commands(shop.store, provider).handle(PaymentOperation.VOID, await _command(shop, order, "late void"))
    assert await shop.payment(order) == [
        *[ATTEMPTED, OPENED, VOID_ATTEMPTED, CLOSED],
        *[AUTHORIZED, VOID_ATTEMPTED, "payments.Voided"],
    ]
    assert provider.statuses() == ["let go"]


async def test_an_authorisation_of_another_amount_is_let_go_before_money_is_set_aside_under_it(shop: Shop) -> None:
    provider = OpeningProvider(opens=lambda amount: amount + Money.of("0.01", "EUR"))
    order = await _placed(shop)
    await _authorize(shop, provider, order)
    assert await shop.payment(order) == [ATTEMPTED, "payments.AnswerDiffered"]
    await _void(shop, provider, order)
    assert (await shop.payment(order))[-2:] == [VOID_ATTEMPTED, "payments.Voided"]
    assert "authorize" not in provider.calls
    assert provider.statuses() == ["let go"]
    recorded = await shop.store.read_stream(ids.payment_id(order))
    said = [filled_sentence(one.event, "service:payments") for one in recorded]
    assert said[1].endswith(f"opened an authorisation of 39.99 EUR instead of setting {PRICE} EUR aside")


async def test_what_is_declined_when_it_is_opened_is_declined(shop: Shop) -> None:
    provider = OpeningProvider()
    order = await shop.place("pm_card_declined")
    await _follow(shop)
    await _authorize(shop, provider, order)
    assert await shop.payment(order) == [ATTEMPTED, "payments.Declined"]
    assert provider.calls == ["open"]


async def _authorize(shop: Shop, provider: OpeningProvider, order: UUID) -> None:
    command = await shop.command(order, "authorize")
    await payment_commands(shop.store, provider).handle(PaymentOperation.AUTHORIZE, command)


async def _void(shop: Shop, provider: OpeningProvider, order: UUID) -> None:
    await payment_commands(shop.store, provider).handle(PaymentOperation.VOID, await _command(shop, order, "void"))


async def _placed(shop: Shop) -> UUID:
    order = await shop.place()
    await _follow(shop)
    return order


async def _cancelled(shop: Shop, order: UUID) -> None:
    await shop.cancel(order)
    await _follow(shop)


async def _follow(shop: Shop) -> None:
    await catch_up(shop.store, saga_subscription(ProcessLimits()))


async def _command(shop: Shop, order: UUID, command: str) -> Command:
    """The message that the relay makes of a process's request."""
    await _follow(shop)
    return await shop.command(order, command)
