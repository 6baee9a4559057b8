"""What a person can have a process do: ask again, give the order up, or take an undo as done; what it refuses; and that
a person's word is not overruled in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from commerce.audit.implied_words import told_intervention
from commerce.eventstore import Event, Sealed
from commerce.ordering import order as ordering
from commerce.saga.commands import preview
from commerce.saga.intervention_events import Intervened, Intervention, UndoSkipped
from commerce.saga.interventions import InterventionRejected, intervene, possible_actions
from commerce.saga.order_commands import RejectOrder
from commerce.saga.process import Process, Stage
from commerce.values import ids
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    BOOKING_UNKNOWN,
    CANCELLATION_REQUESTED,
    CAPTURE_UNKNOWN,
    CAPTURED,
    CONFIRMED,
    DECLINED,
    DELIVERED,
    DISPATCHED,
    LATER,
    LIMITS,
    NEVER_BOOKED,
    ORDER,
    PROCESS,
    RELEASED,
    RESERVED,
    RUN_UP,
    SCHEDULED,
    STOPPED,
    VOIDED,
    deadline_passed,
    line,
    placed,
    put_off,
)
from tests.unit.saga.scenario import (
    Expected,
    asked,
    case,
    compensated,
    compensating,
    deadline,
    event,
    given,
    undo_by,
    undone,
)

WHY = Sealed("why")
STUCK = (placed(), RESERVED, AUTHORIZATION_UNKNOWN, deadline_passed("compensation"))
"""The authorisation has no known outcome, and neither has its undoing."""
LATE = (placed(), RESERVED, deadline_passed("order"), VOIDED, RELEASED, AUTHORIZED)
"""Undone, and then the authorisation came to light."""


def wanted(process: Process, action: Intervention, request: str | None = None) -> Intervened:
    (intervened,) = intervene(process, action, WHY, request)
    return intervened


def skipped(*requests: str, step: str, late: bool = False) -> Expected:
    withdrawn = tuple(ids.request_id(PROCESS, request) for request in requests)
    return event(UndoSkipped, order_id=ORDER, request_ids=withdrawn, step=step, late=late)


@pytest.mark.parametrize(
    ("past", "possible"),
    [
        ((placed(),), ["retry", "compensate"]),
        (RUN_UP, ["retry", "compensate"]),
        (STUCK, ["retry", "skip", "assignment", "notes"]),
        ((placed(), RESERVED, DECLINED), ["retry"]),
        (LATE, ["retry", "skip"]),
        (CONFIRMED, []),
        ((*CONFIRMED, DISPATCHED, DELIVERED), []),
        ((placed(), RESERVED, DECLINED, RELEASED), []),
    ],
)
def test_what_makes_sense_depends_on_where_the_order_is(past: tuple[Event, ...], possible: list[str]) -> None:
    assert possible_actions(given(*past).process_now) == possible


def test_what_an_order_waits_for_is_asked_for_once_more_under_the_same_key() -> None:
    for past, request in ((RUN_UP, "capture"), (STUCK, "void"), ((placed(),), "reserve")):
        now = given(*past)
        now.when(wanted(now.process_now, "retry")).then(asked(request))


def test_a_step_that_is_asked_for_once_more_has_its_time_again() -> None:
    now = given(placed(), RESERVED, limits=replace(LIMITS, steps={"authorization": timedelta(minutes=3)}))
    due = deadline("authorization", LATER + timedelta(minutes=3))
    now.when(wanted(now.process_now, "retry")).then(asked("authorize"), due)


def test_an_order_that_is_asked_for_too_soon_once_more_still_waits_and_is_not_given_up() -> None:
    past = (placed(), RESERVED, put_off("authorize", "credential_refused"))
    again = wanted(given(*past).process_now, "retry")
    given(*past, again).when(deadline_passed("order")).then(
        case("order_waits", "the order waits: the payment provider says no"),
        deadline("order", LATER + timedelta(hours=1)),
    )


def test_what_came_to_light_late_is_asked_for_once_more_too() -> None:
    now = given(*LATE)
    again = now.when(wanted(now.process_now, "retry"))
    (event_,) = again.reaction.events
    assert event_.request_id == ids.request_id(PROCESS, "late void")  # type: ignore[union-attr]
    assert again.process.awaits is None


@pytest.mark.parametrize(
    ("past", "undo"), [((placed(),), "release"), ((placed(), RESERVED), "void"), (RUN_UP, "cancel shipment")]
)
def test_an_order_that_a_person_gives_up_is_undone_and_ends_rejected(past: tuple[Event, ...], undo: str) -> None:
    now = given(*past)
    now.when(wanted(now.process_now, "compensate")).then(compensating("given_up"), undo_by(), asked(undo))


def test_it_is_undone_at_once_where_nothing_was_done() -> None:
    now = given(placed(), RESERVED)
    given_up = wanted(now.process_now, "compensate")
    ended = given(placed(), RESERVED, given_up, VOIDED).when(RELEASED)
    ended.then(undone("stock"), compensated("given_up"), commands=[RejectOrder("given_up")])


def test_an_undo_that_was_done_by_hand_is_taken_as_done_and_its_requests_are_withdrawn() -> None:
    now = given(*STUCK)
    now.when(wanted(now.process_now, "skip")).then(skipped("void", "authorize", step="authorization"), asked("release"))
    taken = wanted(now.process_now, "skip")
    ended = given(*STUCK, taken, RELEASED).process_now
    assert (ended.stage, ended.cases, ended.held) == (Stage.COMPENSATED, (), frozenset())


def test_a_refund_by_hand_leaves_nothing_of_the_authorisation_either() -> None:
    past = (*RUN_UP, CAPTURE_UNKNOWN, STOPPED)
    now = given(*past)
    now.when(wanted(now.process_now, "skip")).then(
        skipped("refund", "capture", "authorize", step="capture"), asked("release")
    )


def test_what_is_found_done_after_that_is_a_case_and_moves_no_money_by_itself() -> None:
    past = (*RUN_UP, CAPTURE_UNKNOWN, STOPPED)
    taken = wanted(given(*past).process_now, "skip")
    detail = "capture was done all the same, after a person had taken it as undone"
    found = given(*past, taken, RELEASED).when(CAPTURED)
    found.then(case("done_after_skip", detail, outlasts_undoing=True))
    assert possible_actions(found.process) == ["resolve", "assignment", "notes"]


def test_an_answer_that_comes_after_it_was_skipped_changes_nothing() -> None:
    taken = wanted(given(*STUCK).process_now, "skip")
    given(*STUCK, taken).when(VOIDED).then_nothing()


def test_what_came_to_light_late_can_be_skipped_and_ends_with_that() -> None:
    now = given(*LATE)
    skipping = now.when(wanted(now.process_now, "skip"))
    skipping.then(skipped("late void", step="authorization", late=True))
    assert (skipping.process.late, skipping.process.deadline) == (frozenset(), None)
    assert skipping.process.version == now.process_now.version + 2


def test_the_last_undo_that_is_skipped_ends_the_order_for_the_reason_that_it_was_undone_for() -> None:
    now = given(placed((line("POSTAGE", 1, "30.00", stocked=False),)), AUTHORIZATION_UNKNOWN)
    skipping = now.when(wanted(now.process_now, "skip"))
    skipping.then(
        skipped("void", "authorize", step="authorization"),
        compensated("payment_unavailable"),
        commands=[RejectOrder("payment_unavailable")],
    )
    assert skipping.process.awaits is None


def test_one_of_several_that_can_be_skipped_has_to_be_named() -> None:
    both = given(placed(), RESERVED, AUTHORIZED, BOOKING_UNKNOWN, NEVER_BOOKED, SCHEDULED)
    with pytest.raises(InterventionRejected, match="name the request: one of late cancel shipment, void"):
        intervene(both.process_now, "skip", WHY)
    with pytest.raises(InterventionRejected, match="refund is not asked for"):
        intervene(both.process_now, "skip", WHY, "refund")
    both.when(wanted(both.process_now, "skip", "void")).then(
        skipped("void", "authorize", step="authorization"), asked("release")
    )
    assert wanted(both.process_now, "retry").requests == ("late cancel shipment", "void")


@pytest.mark.parametrize(
    ("past", "action", "words"),
    [
        (CONFIRMED, "compensate", "ask for its cancellation instead; what may be done now: nothing"),
        (CONFIRMED, "retry", "nothing is asked for"),
        (CONFIRMED, "skip", "nothing is asked for"),
        (RUN_UP, "skip", "what may be done now: retry, compensate"),
        ((placed(), RESERVED, DECLINED), "skip", "what may be done now: retry"),
        (STUCK, "compensate", "being undone already; what may be done now: retry, skip, assignment, notes"),
        ((placed(), RESERVED, DECLINED, RELEASED), "compensate", "undone already"),
        ((*CONFIRMED, DISPATCHED), "compensate", "has left"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_does(
    past: tuple[Event, ...], action: Intervention, words: str
) -> None:
    with pytest.raises(InterventionRejected, match=words):
        intervene(given(*past).process_now, action, WHY)


def test_an_intervention_that_the_process_has_moved_past_is_followed_by_nothing() -> None:
    running, stuck = given(*RUN_UP).process_now, given(*STUCK).process_now
    given(*CONFIRMED).when(wanted(running, "retry")).then_nothing()
    given(*CONFIRMED).when(wanted(running, "compensate")).then_nothing()
    given(*STUCK, VOIDED).when(wanted(stuck, "skip")).then_nothing()


def test_a_cancellation_after_it_was_given_up_ends_it_cancelled() -> None:
    given_up = wanted(given(placed(), RESERVED).process_now, "compensate")
    given(placed(), RESERVED, given_up).when(CANCELLATION_REQUESTED).then(compensating("cancelled", "cancelled"))


def test_a_dry_run_says_all_that_would_be_recorded_and_changes_nothing() -> None:
    now = given(*STUCK).process_now
    order = ordering.fold([placed()])
    events = preview(now, order, wanted(now, "skip"), LATER + timedelta(minutes=1), LIMITS)
    assert [one.TOPIC for one in events] == ["saga.Intervened", "saga.UndoSkipped", "saga.StockReleaseRequested"]
    assert given(*STUCK).process_now == now


@pytest.mark.parametrize(
    ("action", "requests", "words"),
    [
        (
            "retry",
            ("void", "late refund"),
            "to ask once more for the payment to be let go and the money to",
        ),
        ("skip", ("void",), "to go on without an answer to the request for the payment to be let go"),
        ("compensate", (), "to give the order up and undo what was done"),
        ("retry", ("unheard of",), "to ask once more for unheard of"),
    ],
)
def test_an_intervention_is_told_in_words(action: Intervention, requests: tuple[str, ...], words: str) -> None:
    assert told_intervention(action, requests).startswith(words)


def test_what_no_person_can_undo_is_not_skipped_whatever_is_recorded() -> None:
    stale = Intervened(order_id=ORDER, action="skip", requests=("release",), reason=WHY)
    given(placed(), RESERVED, DECLINED).when(stale).then_nothing()
