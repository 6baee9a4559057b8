"""A message that a consumer cannot handle is parked with its order; others go on, and it ends once it can be
handled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from commerce.eventstore import EventStore, Metadata, parked_groups
from commerce.parked import commands
from commerce.parked.commands import Chosen, Patch
from commerce.payments.commands import PaymentCommands
from commerce.runtime.tasks import end_tasks
from commerce.values.errors import InvalidInput, Unavailable
from tests.integration.workers.shop import Shop, running
from tests.waiting import eventually
from workers.payments import payments_app
from workers.relay import relay_app
from workers.runtime.parked_messages import (
    DEADLY_PAUSES_S,
    MOST_UNFINISHED_DELIVERIES,
    MessageHint,
    ParkedMessages,
    message_failure,
)
from workers.saga import saga_app
from workers.shipping import shipping_app

OPERATOR = Metadata("operator:olga")


class Desk:
    """Handles messages, and fails at some orders."""

    def __init__(self) -> None:
        self.failing: set[UUID] = set()
        self.error: Exception = ZeroDivisionError("of a person")
        self.handled: list[int] = []

    async def handle(self, hint: MessageHint) -> None:
        if hint.order_id in self.failing:
            raise self.error
        self.handled.append(hint.position)


def hint(position: int, order_id: UUID) -> MessageHint:
    return MessageHint("commands.payments.authorize", b"{}", position, order_id)


async def parked(store: EventStore) -> list[tuple[object, ...]]:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT position, problem, isfinite(due_at) FROM commerce_parked ORDER BY position"
        )
        return await cursor.fetchall()


async def due_now(store: EventStore) -> None:
    async with store.pool.connection() as connection:
        await connection.execute("UPDATE commerce_parked SET due_at = clock_timestamp() WHERE isfinite(due_at)")


async def test_later_messages_of_an_order_wait_behind_the_parked_one_and_are_handled_in_turn(store: EventStore) -> None:
    desk, bad, other = Desk(), uuid4(), uuid4()
    desk.failing.add(bad)
    messages = ParkedMessages(store, "payments", desk.handle)
    assert await messages.park(hint(3, bad), message_failure(desk.error))
    assert await messages.takes(hint(5, bad), 1)
    assert await messages.takes(hint(3, bad), 1), "the relay sent it again"
    assert not await messages.takes(hint(4, other), 1)
    assert [(row[0], row[1]) for row in await parked(store)] == [(3, "ZeroDivisionError"), (5, None)]
    await due_now(store)
    await messages.look()
    assert desk.handled == []
    desk.failing.clear()
    await due_now(store)
    await messages.look()
    assert desk.handled == [3, 5]
    assert await parked(store) == []
    assert not await messages.takes(hint(6, bad), 1)


async def _kill_workers(store: EventStore, deadly: MessageHint) -> ParkedMessages:
    """A message ends one process after the other, and is parked by the next one."""
    for deliveries in range(3, 3 + MOST_UNFINISHED_DELIVERIES):
        dying = ParkedMessages(store, "payments", Desk().handle)  # a new process each time
        assert not await dying.takes(deadly, deliveries)
    messages = ParkedMessages(store, "payments", Desk().handle)
    assert await messages.takes(deadly, 9)
    return messages


async def test_a_message_that_kills_its_worker_again_and_again_is_parked_and_tried_ever_more_seldom(
    store: EventStore,
) -> None:
    deadly = hint(3, uuid4())
    messages = await _kill_workers(store, deadly)
    await messages.look()
    ((position, problem, is_tried),) = await parked(store)
    assert (position, is_tried) == (3, True)
    assert "the worker ended while it handled this" in str(problem)
    tries = 0

    async def dies(_hint: MessageHint) -> None:
        nonlocal tries
        tries += 1
        raise asyncio.CancelledError

    for _ in range(2 * len(DEADLY_PAUSES_S)):
        await due_now(store)
        with suppress(asyncio.CancelledError):
            await ParkedMessages(store, "payments", dies).look()
    assert tries == len(DEADLY_PAUSES_S)
    assert await parked(store) == [(3, problem, False)], "now a person has to want it"


async def test_a_person_has_a_message_tried_that_is_tried_by_itself_no_more(shop: Shop) -> None:
    await _kill_workers(shop.store, hint(1, await shop.place()))
    async with shop.store.pool.connection() as connection:
        await connection.execute("UPDATE commerce_parked SET attempts = 9, due_at = 'infinity'")
    (group,) = await parked_groups(shop.store.pool)
    await commands.retry_parked(shop.store, Chosen(group.group), "its cause is gone", OPERATOR)
    desk = Desk()
    await ParkedMessages(shop.store, "payments", desk.handle).look()
    assert desk.handled == [1]
    assert await parked(shop.store) == []


async def test_an_order_whose_message_was_blamed_for_the_end_of_its_workers_goes_on_by_itself(
    store: EventStore,
) -> None:
    order_id = uuid4()
    await _kill_workers(store, hint(3, order_id))
    desk = Desk()
    successor = ParkedMessages(store, "payments", desk.handle)
    assert await successor.takes(hint(3, order_id), 1), "the relay sent it again, to a process that has not looked yet"
    assert await successor.takes(hint(5, order_id), 1)
    desk.failing, desk.error = {order_id}, Unavailable("the provider is away")
    for _ in range(2 * len(DEADLY_PAUSES_S)):
        await due_now(store)
        await successor.look()
    assert [row[2] for row in await parked(store)] == [True, True], "a party that is away does not use up its tries"
    desk.failing.clear()
    await due_now(store)
    await successor.look()
    assert desk.handled == [3, 5]
    assert await parked(store) == []


async def test_only_the_message_that_kills_its_worker_is_parked_not_those_handled_beside_it(store: EventStore) -> None:
    killer, beside = hint(3, uuid4()), hint(4, uuid4())
    for deliveries in range(3, 12):
        process = ParkedMessages(store, "payments", Desk().handle)  # a new one each time
        if await process.takes(killer, deliveries):
            break
        await _died_beside(process, beside, deliveries)
    assert [row[0] for row in await parked(store)] == [3]
    await process.finished(killer, 9)
    assert not await process.takes(beside, 9)


async def _died_beside(process: ParkedMessages, message: MessageHint, deliveries: int) -> None:
    """A process begins to handle a further message, or has it wait, and dies."""
    waiting = asyncio.create_task(process.takes(message, deliveries))
    await eventually(lambda: _is_begun_or_waits(process, waiting))
    await end_tasks([waiting])


async def _is_begun_or_waits(process: ParkedMessages, waiting: asyncio.Task[bool]) -> bool:
    return waiting.done() or bool(process._alone._waiters)


async def test_a_delivery_that_ends_in_any_way_does_not_count_as_a_death(store: EventStore) -> None:
    messages = ParkedMessages(store, "payments", Desk().handle)
    order_id = uuid4()
    for deliveries in range(3, 13):
        assert not await messages.takes(hint(3, order_id), deliveries)
        await messages.finished(hint(3, order_id), deliveries)


async def test_a_parked_message_of_which_the_party_is_away_is_no_failure(store: EventStore) -> None:
    desk, bad = Desk(), uuid4()
    desk.failing.add(bad)
    messages = ParkedMessages(store, "payments", desk.handle)
    await messages.park(hint(3, bad), message_failure(desk.error))
    desk.error = Unavailable("the provider is away")
    await due_now(store)
    await messages.look()
    assert [row[1] for row in await parked(store)] == ["ZeroDivisionError"]


async def test_the_worker_parks_what_fails_and_every_order_ends(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.runtime.consumers.FAILED_DELIVERIES", 1)
    handle = PaymentCommands.handle
    failing: list[UUID] = []
    healed = False

    async def choking(self: PaymentCommands, operation: object, command: object) -> None:
        order_id = command.order_id  # type: ignore[attr-defined]
        if not failing:
            failing.append(order_id)
        if order_id in failing and not healed:
            raise ZeroDivisionError
        await handle(self, operation, command)  # type: ignore[arg-type]

    monkeypatch.setattr(PaymentCommands, "handle", choking)
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        placed = [await shop.place() for _ in range(4)]
        await eventually(lambda: parked(shop.store))
        others = [order for order in placed if order not in failing]
        assert len(others) == 3
        for order in others:
            assert await shop.ended(order) == "ordering.OrderConfirmed"
        (group,) = await parked_groups(shop.store.pool)
        assert (group.subscription, group.error, group.events) == ("payments", "ZeroDivisionError", 1)
        with pytest.raises(InvalidInput, match="a message says nothing of its own"):
            await commands.edit_parked(shop.store, Chosen(group.group), Patch({}), "x", OPERATOR)
        healed = True
        await commands.retry_parked(shop.store, Chosen(group.group), "healed", OPERATOR)
        assert await shop.ended(failing[0]) == "ordering.OrderConfirmed"
        await eventually(lambda: _none(shop.store))


async def test_a_discarded_message_is_left_alone_however_often_it_comes(shop: Shop) -> None:
    desk, order_id = Desk(), await shop.place()
    desk.failing.add(order_id)
    messages = ParkedMessages(shop.store, "payments", desk.handle)
    await messages.park(hint(1, order_id), message_failure(desk.error))
    (group,) = await parked_groups(shop.store.pool)
    await commands.discard_parked(shop.store, Chosen(group.group), "done by hand", OPERATOR)
    await messages.look()
    assert await parked(shop.store) == []
    assert await messages.takes(hint(1, order_id), 1)
    successor = ParkedMessages(shop.store, "payments", desk.handle)
    assert await successor.takes(hint(1, order_id), 1), "also by a process that has not looked yet"
    assert not await messages.takes(hint(2, order_id), 1)
    assert desk.handled == []


async def _none(store: EventStore) -> bool:
    return not await parked(store)
