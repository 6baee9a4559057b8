"""The processes' read model: what waits for what, and what has waited too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from commerce.inventory.events import Quantity
from commerce.saga.case_events import CaseAssigned, CaseNoted, CaseOpened
from commerce.saga.description import waiting_for
from commerce.saga.events import (
    CompensationStarted,
    DeadlinePassed,
    DeadlineSet,
    ParcelDispatched,
    ProcessCompensated,
    ProcessCompleted,
    ProcessEvent,
    ProcessStarted,
)
from commerce.saga.process import Stage, fold
from commerce.saga.request_events import AuthorizationRequested, StockReleaseRequested, StockReservationRequested
from commerce.saga.step_events import StepFailed, StepSucceeded, StepUndone
from commerce.values import ids
from projections.engine.pages import PageRequest
from projections.processes import (
    PROCESSES,
    Attention,
    CaseView,
    ProcessView,
    attention,
    case_view,
    find_cases,
    find_processes,
    process_view,
)
from tests.integration.projections.history import History, eur, sealed

WANTED = (Quantity(sku="mug", quantity=2),)
LATER = datetime.now(UTC) + timedelta(hours=1)
EARLIER = datetime.now(UTC) - timedelta(hours=1)


async def has_begun(history: History, order: UUID, due_at: datetime = LATER) -> None:
    await history.happens(ProcessStarted, order, total=eur("20.00"), payment_method="pm", wanted=WANTED)
    await history.happens(DeadlineSet, order, name="order", due_at=due_at)
    await history.happens(StockReservationRequested, order, wanted=WANTED)


async def shown_process(history: History, order: UUID) -> ProcessView | None:
    row = await PROCESSES.find(history.store.pool, ids.process_id(order))
    return process_view(row) if row else None


async def is_being_undone(history: History, order: UUID) -> None:
    await has_begun(history, order)
    await history.happens(StepSucceeded, order, step="stock")
    await history.happens(AuthorizationRequested, order, amount=eur("20.00"), payment_method="pm")
    await history.happens(StepFailed, order, step="authorization", reason="payment_declined")
    await history.happens(CompensationStarted, order, reason="payment_declined", outcome="rejected")
    await history.happens(DeadlineSet, order, name="compensation", due_at=LATER)
    await history.happens(StockReleaseRequested, order)


async def test_a_process_says_what_its_own_stream_says(history: History) -> None:
    order = uuid4()
    await is_being_undone(history, order)
    await history.is_projected()
    shown = await shown_process(history, order)
    events = await history.store.read_stream(ids.process_id(order))
    process = fold(cast(ProcessEvent, recorded.event) for recorded in events)
    waiting = waiting_for(process) if process else None
    assert shown is not None
    assert waiting is not None
    assert (shown.waiting_for, shown.next, shown.until) == (waiting.what, waiting.next, waiting.until)
    assert (shown.stage, shown.since, shown.until) == ("compensating", events[-1].recorded_at, LATER)


async def test_a_wait_goes_on_while_other_events_arrive(history: History) -> None:
    order = uuid4()
    await is_being_undone(history, order)
    asked = (await history.store.read_stream(ids.process_id(order)))[-1]
    await history.is_projected()
    await history.happens(DeadlinePassed, order, name="compensation")
    await history.happens(CaseOpened, order, kind="undo_unfinished", detail="it takes too long")
    await history.is_projected()
    shown = await shown_process(history, order)
    assert shown is not None
    assert (shown.since, shown.until, shown.case) == (asked.recorded_at, None, "it takes too long")


async def test_a_new_wait_begins_when_the_former_ends(history: History) -> None:
    order = uuid4()
    await has_begun(history, order)
    await history.happens(StepSucceeded, order, step="stock")
    for kind, what in (
        (ProcessCompleted, "the shipment to be dispatched"),
        (ParcelDispatched, "the shipment to arrive"),
    ):
        await history.happens(kind, order)
        await history.is_projected()
        shown = await shown_process(history, order)
        events = await history.store.read_stream(ids.process_id(order))
        assert shown is not None
        assert (shown.waiting_for, shown.since, shown.until) == (what, events[-1].recorded_at, None)


async def test_an_ended_process_waits_for_nothing(history: History) -> None:
    order = uuid4()
    await is_being_undone(history, order)
    await history.happens(StepUndone, order, step="stock")
    await history.happens(ProcessCompensated, order, outcome="rejected", reason="payment_declined")
    await history.is_projected()
    shown = await shown_process(history, order)
    assert shown is not None
    assert (shown.stage, shown.waiting_for, shown.since, shown.until, shown.next, shown.case) == (
        "compensated",
        None,
        None,
        None,
        None,
        None,
    )
    assert (await find_processes(history.store.pool)).items == []


async def test_overdue_are_those_past_their_deadline_and_those_with_a_case(history: History) -> None:
    in_time, late, with_case, ended = (uuid4() for _ in range(4))
    await has_begun(history, in_time)
    await has_begun(history, late, EARLIER)
    await is_being_undone(history, with_case)
    await history.happens(CaseOpened, with_case, kind="undo_unfinished", detail="it takes too long")
    await has_begun(history, ended, EARLIER)
    await history.happens(StepFailed, ended, step="stock", reason="out_of_stock")
    await history.happens(ProcessCompensated, ended, outcome="rejected", reason="out_of_stock")
    await history.is_projected()
    pool = history.store.pool
    assert [process.order_id for process in (await find_processes(pool)).items] == [with_case, late, in_time]
    overdue = await find_processes(pool, overdue=True, paging=PageRequest(limit=1))
    rest = await find_processes(pool, overdue=True, paging=PageRequest(overdue.next_cursor, 1))
    assert [process.order_id for process in [*overdue.items, *rest.items]] == [with_case, late]
    assert rest.next_cursor is None


async def test_a_case_is_listed_since_it_was_opened_until_the_process_ends(history: History) -> None:
    orders = [uuid4() for _ in range(3)]
    for order in orders:
        await is_being_undone(history, order)
        await history.happens(CaseOpened, order, kind="undo_unfinished", detail="it takes too long")
    opened = (await history.store.read_stream(ids.process_id(orders[2])))[-1].recorded_at
    await history.happens(DeadlinePassed, orders[2], name="compensation")
    await history.happens(CaseOpened, orders[2], kind="undo_unfinished", detail="it still takes too long")
    await history.happens(ProcessCompensated, orders[1], outcome="rejected", reason="payment_declined")
    await history.is_projected()
    pool = history.store.pool
    page = await find_cases(pool, paging=PageRequest(limit=1))
    rest = await find_cases(pool, paging=PageRequest(page.next_cursor, 1))
    (newest,) = page.items
    assert case_view(newest, "100045", None, opened + timedelta(seconds=90)) == CaseView(
        order_id=orders[2],
        number="100045",
        kind="undo_unfinished",
        detail="it still takes too long",
        since=opened,
        age_s=90,
        about=None,
        answer_by=None,
        stage=Stage.COMPENSATING,
        waiting_for="the stock to be released",
        money_at_risk=eur("0.00"),
        owner=None,
        note=None,
        actions=["retry", "assignment", "notes"],
        further=[],
    )
    assert [row.state.order_id for row in rest.items] == [orders[0]]
    assert rest.next_cursor is None
    found = await attention(pool)
    assert (set(found.cases), _counted(found)["undo_unfinished"], found.overdue) == ({"undo_unfinished"}, (2, 2), 0)


async def test_cases_are_found_by_kind_and_owner_and_keep_the_last_note(history: History) -> None:
    ours, nobodys = uuid4(), uuid4()
    for order in (ours, nobodys):
        await is_being_undone(history, order)
        await history.happens(CaseOpened, order, kind="undo_unfinished", detail="it takes too long")
    await history.happens(CaseOpened, ours, kind="answer_differed", detail="they lie", outlasts_undoing=True)
    await history.happens(CaseAssigned, ours, owner="anna")
    for text in ("asked them", "asked again"):
        await history.happens(CaseNoted, ours, note=sealed(text))
    await history.is_projected()
    pool = history.store.pool
    for wanted, found in (
        ({"kind": "undo_unfinished"}, [nobodys, ours]),
        ({"kind": "answer_differed"}, [ours]),
        ({"owner": "anna"}, [ours]),
        ({"owner": ""}, [nobodys]),
        ({"kind": "undo_unfinished", "owner": "bob"}, []),
    ):
        assert [row.state.order_id for row in (await find_cases(pool, **wanted)).items] == found  # type: ignore[arg-type]
    (row,) = (await find_cases(pool, owner="anna")).items
    view = case_view(row, None, "opened", row.cases[0].since)
    assert (view.kind, view.owner, row.note) == ("answer_differed", "anna", sealed("asked again"))
    assert [one.kind for one in view.further] == ["undo_unfinished"]
    assert view.money_at_risk == eur("20.00")
    assert _counted(await attention(pool)) == {"undo_unfinished": (2, 1), "answer_differed": (1, 0)}


def _counted(found: Attention) -> dict[str, tuple[int, int]]:
    """How many are open of each kind, and how many of them are nobody's."""
    return {kind: (one.count, one.unassigned) for kind, one in found.cases.items()}


async def test_what_was_noted_and_who_looked_after_it_ends_with_the_case(history: History) -> None:
    order = uuid4()
    await is_being_undone(history, order)
    await history.happens(CaseOpened, order, kind="undo_unfinished", detail="it takes too long")
    await history.happens(CaseAssigned, order, owner="anna")
    await history.happens(CaseNoted, order, note=sealed("asked them"))
    await history.happens(ProcessCompensated, order, outcome="rejected", reason="payment_declined")
    await history.happens(CaseOpened, order, kind="answer_differed", detail="they lie", outlasts_undoing=True)
    await history.is_projected()
    (row,) = (await find_cases(history.store.pool)).items
    assert (row.state.owner, row.note) == (None, None)


async def test_a_process_past_its_time_is_counted(history: History) -> None:
    await has_begun(history, uuid4(), EARLIER)
    await has_begun(history, uuid4(), LATER)
    await history.is_projected()
    assert (await attention(history.store.pool)).overdue == 1


async def test_an_unknown_order_has_no_process(history: History) -> None:
    assert await shown_process(history, uuid4()) is None
