"""Any stream at any version or time, rebuilt by one function; what the library rebuilds is the same; and causes
as a tree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from commerce.audit.state import rebuild_state
from commerce.audit.trace import Caused, TracedRequest, read_order, trace_of
from commerce.events import STREAM_KINDS
from commerce.eventstore import Append, Event, Metadata, in_stream
from commerce.eventstore.application import CommerceApplication
from commerce.ordering import order as ordering
from commerce.saga.deadline_clock import DeadlineClock
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order


async def ended_orders(shop: Shop) -> list[str]:
    """Orders that were rejected and one that waits for its payment."""
    await shop.stock("lamp", 3)
    operator = shop.client("operator")
    async with shop.following():
        answers = await asyncio.gather(
            *(
                operator.post("/orders", json=order(("lamp", quantity)), headers={**key(), "Prefer": "wait=10"})
                for quantity in (4, 5)
            )
        )
        waiting = await operator.post("/orders", json=order(), headers={**key(), "Prefer": "wait=1"})
    return [answer.json()["order_id"] for answer in (*answers, waiting)]


async def test_the_library_rebuilds_the_same_at_every_version(shop: Shop, database: Database) -> None:
    await ended_orders(shop)
    library = CommerceApplication.connect(database.app_url)
    evolve = {event.TOPIC: kind.evolve for kind in STREAM_KINDS for event in kind.events}

    def project(state: Any, events: Iterable[Event]) -> Any:
        for event in events:
            state = evolve[event.TOPIC](state, event)
        return state

    try:
        for event in await shop.store.read_log(0, 10**9):
            rebuilt = await rebuild_state(shop.store, event.stream, until_version=event.originator_version)
            assert rebuilt is not None
            same = await asyncio.to_thread(
                library.repository.get, event.stream, version=event.originator_version, projector_func=project
            )
            assert rebuilt.state == same
            assert rebuilt.last.position == event.position
    finally:
        library.close()


async def test_what_was_not_there_yet_is_not_rebuilt(shop: Shop) -> None:
    (first, *_) = await ended_orders(shop)
    assert await rebuild_state(shop.store, UUID(first), until_time=datetime(2020, 1, 1, tzinfo=UTC)) is None
    assert await rebuild_state(shop.store, UUID(int=1)) is None


def positions(caused: Iterable[Caused]) -> Iterable[int]:
    """Every event of a tree, causes first."""
    for each in caused:
        yield each.event.position
        yield from positions(each.caused)


async def test_every_event_stands_in_the_trace_once_under_its_cause(shop: Shop) -> None:
    (rejected, *_) = await ended_orders(shop)
    events = await read_order(shop.store, UUID(rejected))
    answer = (await shop.client("auditor").get(f"/audit/orders/{rejected}/trace")).raise_for_status().json()
    (asked,) = answer["requests"]
    assert (asked["actor"], asked["request_id"]) == ("operator:somebody", events[0].metadata.request_id)
    (placed,) = asked["caused"]
    assert placed["event"]["topic"] == "ordering.OrderPlaced"
    trace = await trace_of(None, UUID(rejected), events)
    assert sorted(positions(trace.requests[0].caused)) == [event.position for event in events]
    at = {event.position: event.recorded_at for event in events}

    def check(caused: Iterable[dict[str, Any]], cause: int | None) -> None:
        for each in caused:
            position = each["event"]["position"]
            assert each["event"]["causation_id"] == cause
            if cause is not None:
                assert each["seconds_after_cause"] == (at[position] - at[cause]).total_seconds() >= 0
            check(each["caused"], position)

    check(asked["caused"], None)
    assert (trace.events, trace.seconds) == (
        len(events),
        (events[-1].recorded_at - events[0].recorded_at).total_seconds(),
    )


async def test_a_deadline_that_passed_follows_from_the_one_that_was_set(shop: Shop) -> None:
    await shop.stock("lamp")
    placed = await shop.client("operator").post("/orders", json=order(), headers=key())
    order_id = UUID(placed.json()["order_id"])
    await catch_up(shop.store, saga_subscription(ProcessLimits(order=timedelta())))
    await DeadlineClock(shop.store).look()
    events = {event.topic: event for event in await read_order(shop.store, order_id)}
    assert events["saga.DeadlinePassed"].causation_id == events["saga.DeadlineSet"].position
    trace = await trace_of(None, order_id, list(events.values()))
    assert [asked.actor for asked in trace.requests] == ["operator:somebody"]


async def test_events_of_one_request_stand_together_and_of_another_apart(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    order_id = UUID((await operator.post("/orders", json=order(), headers=key())).json()["order_id"])
    await operator.post(f"/orders/{order_id}/cancellation", json={"reason": "late"})
    history = [event.event for event in await shop.store.read_stream(order_id)]
    found = ordering.fold(history)
    assert found is not None
    rejected = in_stream(ordering.reject_cancellation(found, "why not"), order_id, after=found.version)
    await shop.store.append(Append(rejected, order_id, Metadata("service:saga")))
    trace = await trace_of(None, order_id, await read_order(shop.store, order_id))

    def said(asked: TracedRequest) -> tuple[str, bool, list[str]]:
        return asked.actor, asked.request_id is not None, [each.event.topic for each in asked.caused]

    assert [said(asked) for asked in trace.requests] == [
        ("operator:somebody", True, ["ordering.OrderPlaced"]),
        ("operator:somebody", True, ["ordering.OrderCancellationRequested"]),
        ("service:saga", False, ["ordering.OrderCancellationRefused"]),
    ]
