"""What a person does with an order's case: it is given to somebody, noted on and closed, but not while the process goes
on with it."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from eventsourcing.persistence import StoredEvent

from commerce.eventstore import Event, Sealed, in_stream
from commerce.eventstore.codec.mapper import MAPPER
from commerce.saga import cases
from commerce.saga.case_events import CaseAssigned, CaseKind, CaseNoted, CaseOpened
from commerce.saga.cases import KINDS, CaseNotOpen, CaseStillRuns, may_be_resolved, money_at_risk
from commerce.saga.open_cases import OpenCase
from commerce.saga.process import Process, evolve
from commerce.values.money import Money
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    CAPTURED,
    CLOSED_BY_VOID,
    DECLINED,
    DISPATCHED,
    EUR_30,
    ORDER,
    PROCESS,
    REFUNDED,
    RELEASED,
    RESERVED,
    RUN_UP,
    STOPPED,
    deadline_passed,
    payment_differed,
    placed,
    put_off,
)
from tests.unit.saga.scenario import given

WHY = Sealed("why")
NOTHING_AT_RISK = Money.zero("EUR")
STUCK = (placed(), RESERVED, AUTHORIZATION_UNKNOWN, deadline_passed("compensation"))
DOUBTED = (*RUN_UP, payment_differed("capture", "capture"), STOPPED, REFUNDED, RELEASED)
"""Undone, but for the doubt whether it was all."""


def process_after(*events: Event) -> Process:
    return given(*events).process_now


def assigned(owner: str | None) -> CaseAssigned:
    return CaseAssigned(order_id=ORDER, owner=owner)


def test_every_kind_of_case_is_said_in_words() -> None:
    assert set(KINDS) == set(get_args(CaseKind))


def test_a_case_is_given_to_somebody_and_a_repeat_is_no_event() -> None:
    process = process_after(*STUCK)
    assert cases.assign(process, "anna") == [assigned("anna")]
    ours = process_after(*STUCK, assigned("anna"))
    assert ours.owner == "anna"
    assert cases.assign(ours, "anna") == []
    assert cases.assign(ours, None) == [assigned(None)]


def test_nothing_follows_from_an_assignment_or_a_note() -> None:
    for event in (assigned("anna"), CaseNoted(order_id=ORDER, note=WHY)):
        given(*STUCK).when(event).then_nothing()


def test_nobody_looks_after_what_is_not_open_any_more() -> None:
    process = process_after(placed(), RESERVED, DECLINED, deadline_passed("compensation"), assigned("anna"), RELEASED)
    assert (process.cases, process.owner) == ((), None)


def test_what_is_not_open_is_not_decided() -> None:
    process = process_after(placed(), RESERVED)
    for decide in (
        lambda: cases.assign(process, "anna"),
        lambda: cases.add_note(process, WHY),
        lambda: cases.resolve(process, (), "settled", WHY),
    ):
        with pytest.raises(CaseNotOpen):
            decide()


def test_a_doubt_is_closed_for_a_reason_and_stays_closed() -> None:
    process = process_after(*DOUBTED)
    (resolved,) = cases.resolve(process, (), "refunded_by_hand", WHY, Sealed("SEPA 17"))
    assert (resolved.kinds, resolved.resolution, resolved.reference) == (
        ("answer_differed",),
        "refunded_by_hand",
        "SEPA 17",
    )
    decided = given(*DOUBTED, assigned("anna")).when(resolved)
    decided.then_nothing()
    assert (decided.process.cases, decided.process.owner, decided.process.doubt) == ((), None, None)


@pytest.mark.parametrize(
    "past",
    [
        STUCK,
        (placed(), RESERVED, AUTHORIZATION_UNKNOWN, put_off("void", "undo_refused")),
        (placed(), RESERVED, put_off("authorize", "credential_refused"), deadline_passed("order")),
    ],
)
def test_a_case_is_not_closed_while_the_process_still_asks_for_what_it_is_about(past: tuple[Event, ...]) -> None:
    process = process_after(*past)
    assert not cases.may_be_resolved(process)
    with pytest.raises(CaseStillRuns, match=r"retry it or (skip it|compensate) first"):
        cases.resolve(process, (), "settled", WHY)


def test_money_is_not_said_to_be_refunded_by_hand_while_the_provider_is_asked_to_move_it() -> None:
    process = process_after(*RUN_UP, payment_differed("capture", "capture"), STOPPED)
    with pytest.raises(CaseStillRuns, match="skip that first"):
        cases.resolve(process, (), "refunded_by_hand", WHY)
    assert cases.resolve(process, (), "false_alarm", WHY)


def test_one_of_several_cases_can_be_closed() -> None:
    past = (*RUN_UP, payment_differed("capture", "capture"), deadline_passed("compensation"))
    process = process_after(*past)
    assert [case.kind for case in process.cases] == ["answer_differed", "undo_unfinished"]
    (resolved,) = cases.resolve(process, ("answer_differed",), "false_alarm", WHY)
    after = given(*past).when(resolved).process
    assert [case.kind for case in after.cases] == ["undo_unfinished"]
    with pytest.raises(CaseNotOpen, match="undo_unfinished"):
        cases.resolve(after, ("answer_differed",), "settled", WHY)


@pytest.mark.parametrize(
    ("past", "kind", "at_risk"),
    [
        (STUCK, "outcome_unknown", EUR_30),
        ((placed(), RESERVED, DECLINED, deadline_passed("compensation")), "undo_unfinished", NOTHING_AT_RISK),
        ((*RUN_UP, deadline_passed("order"), CAPTURED, deadline_passed("compensation")), "undo_unfinished", EUR_30),
        (DOUBTED, "answer_differed", EUR_30),
        ((placed(), RESERVED), None, NOTHING_AT_RISK),
        ((*RUN_UP, CAPTURED, DISPATCHED), None, NOTHING_AT_RISK),
        ((*RUN_UP, CAPTURED, payment_differed("void", "void")), "answer_differed", EUR_30),
    ],
)
def test_the_money_at_risk_is_what_may_be_held_for_an_order_that_is_not_carried_out(
    past: tuple[Event, ...], kind: str | None, at_risk: Money
) -> None:
    process = process_after(*past)
    assert (process.cases[-1].kind if process.cases else None, money_at_risk(process)) == (kind, at_risk)


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        ("the request to void has no outcome yet (busy); it goes on being tried", "undo_unfinished"),
        ("the order waits: the payment provider says no", "order_waits"),
        ("the payment provider does not let go of money set aside twice (auth-2): no", "money_held_twice"),
        ("the carrier does not drop a parcel booked twice (b-2): no", "shipment_booked_twice"),
        ("the parcel of an order that was given up cannot be stopped: no", "undo_rejected"),
        ("the payment provider did 1.00 EUR instead of 30.00 EUR", "answer_differed"),
        ("the payment provider does not let the money go: authorization_not_found", "undo_rejected"),
    ],
)
def test_a_case_of_an_older_log_gets_its_kind_from_its_words(detail: str, kind: str) -> None:
    for version in ("", '"class_version":2,'):
        more = ',"outlasts_undoing":true' if version else ""
        state = f'{{{version}"order_id":"{ORDER}","detail":"{detail}"{more}}}'.encode()
        event = MAPPER.to_domain_event(StoredEvent(PROCESS, 7, CaseOpened.TOPIC, state))
        assert isinstance(event, CaseOpened)
        assert (event.kind, event.outlasts_undoing) == (kind, bool(version))


def test_of_each_kind_the_newest_is_kept_at_the_end() -> None:
    process = process_after(placed(), RESERVED, AUTHORIZED)
    assert process.cases == ()
    stuck = (placed(), RESERVED, DECLINED, deadline_passed("compensation"), put_off("release", "undo_refused"))
    assert process_after(*stuck).cases == (
        OpenCase("undo_unfinished", "the request to release has no outcome yet; it goes on being tried"),
        OpenCase("undo_rejected", "the payment provider says no"),
    )
    again = process_after(*stuck, deadline_passed("compensation"))
    assert [case.kind for case in again.cases] == ["undo_rejected", "undo_unfinished"]


def test_a_note_is_about_its_order() -> None:
    assert cases.add_note(process_after(*STUCK), WHY) == [CaseNoted(order_id=ORDER, note=WHY)]


def test_what_cannot_be_decided_is_told_in_plain_words() -> None:
    with pytest.raises(CaseNotOpen, match=f"^nothing is open about order {ORDER} that a person has to decide$"):
        cases.assign(process_after(placed()), "anna")
    both = process_after(*RUN_UP, payment_differed("capture", "capture"), deadline_passed("compensation"))
    with pytest.raises(
        CaseNotOpen, match=r"^no case order_waits is open; these are: answer_differed, undo_unfinished$"
    ):
        cases.resolve(both, ("order_waits",), "settled", WHY)
    with pytest.raises(CaseStillRuns, match=r"^the order still waits for the payment to be let go: retry it or skip"):
        cases.resolve(process_after(*STUCK), (), "settled", WHY)
    waits = process_after(placed(), RESERVED, put_off("authorize", "credential_refused"), deadline_passed("order"))
    with pytest.raises(CaseStillRuns, match=r"for the payment to be authorised: retry it or compensate first$"):
        cases.resolve(waits, (), "settled", WHY)
    moving = process_after(*RUN_UP, payment_differed("capture", "capture"), STOPPED)
    with pytest.raises(
        CaseStillRuns, match=r"^the payment provider is still asked to move the money: wait for its answer, or skip"
    ):
        cases.resolve(moving, (), "refunded_by_hand", WHY)
    late = process_after(
        placed(), RESERVED, AUTHORIZATION_UNKNOWN, CLOSED_BY_VOID, AUTHORIZED, deadline_passed("compensation")
    )
    told = "the payment to be let go that was authorised late and the stock to be released"
    with pytest.raises(CaseStillRuns, match=f"for {told}: retry"):
        cases.resolve(late, (), "settled", WHY)


def test_nothing_is_at_risk_any_more_once_the_shipment_left() -> None:
    unshipped = (*RUN_UP, CAPTURED, payment_differed("void", "void"), DISPATCHED)
    process = process_after(*unshipped)
    other = replace(process, cases=(OpenCase("undo_rejected", "it says no"),))
    assert money_at_risk(other) == NOTHING_AT_RISK


def test_a_case_about_something_else_than_what_is_asked_for_can_be_closed_meanwhile() -> None:
    process = given(placed(), RESERVED, payment_differed("authorize", "authorize")).process_now
    assert [case.kind for case in process.cases] == ["answer_differed"]
    assert may_be_resolved(process)


def test_somebody_looks_after_an_order_until_its_last_case_is_closed() -> None:
    opened = [OpenCase("answer_differed", "one"), OpenCase("refund_failed", "two")]
    process = replace(given(*RUN_UP, CAPTURED).process_now, cases=tuple(opened), owner="anna")
    kinds: tuple[CaseKind, ...] = ("answer_differed", "refund_failed")
    for kind, owner in zip(kinds, ("anna", None), strict=True):
        (closed,) = cases.resolve(process, (kind,), "settled", WHY)
        process = evolve(process, in_stream([closed], process.id, after=process.version)[0])
        assert process.owner == owner
