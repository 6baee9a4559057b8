"""The process manager as a subscription: what it reads, remembers, appends and writes of deadlines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from commerce.eventstore import Append, Event, EventFailed, EventStore, Recorded, Work
from commerce.ordering import order as ordering
from commerce.ordering.events import OrderPlaced, OrderRejected
from commerce.saga import process as processes
from commerce.saga import subscription as module
from commerce.saga.events import CompensationStarted, DeadlineSet, ProcessCompensated, ProcessEvent, ProcessStarted
from commerce.saga.limits import ProcessLimits
from commerce.saga.process_decision import Reaction
from commerce.saga.request_events import StockReservationRequested
from commerce.saga.step_events import StepFailed
from commerce.saga.subscription import OrderState, ProcessManager, saga_subscription
from commerce.values import ids
from tests.unit.saga.inputs import (
    AUTHORIZED,
    CAPTURED,
    LIMITS,
    ORDER,
    PROCESS,
    RESERVED,
    SCHEDULED,
    SHORT,
    cancellation_requested,
    deadline_passed,
    payment_differed,
    placed,
)
from tests.unit.saga.log import OUTSIDE, Log, finish


class CountingLog(Log):
    """A log that remembers which streams it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[set[UUID]] = []

    async def read_streams(self, streams: Iterable[UUID]) -> dict[UUID, list[Recorded]]:
        wanted = list(streams)
        self.asked.append(set(wanted))
        return await super().read_streams(wanted)


@pytest.fixture
def log() -> CountingLog:
    return CountingLog()


@pytest.fixture
def manager(log: Log) -> ProcessManager:
    return ProcessManager(cast(EventStore, log), LIMITS)


def happens(log: Log, event: Event, order_id: UUID | None = ORDER) -> list[Recorded]:
    """An event goes to the end of its stream, and into a batch."""
    placed_last = event.model_copy(update={"originator_version": len(log.stream(event.originator_id)) + 1})
    assert log.append([Append([placed_last], order_id, OUTSIDE)])
    return log.events[-1:]


def handled(manager: ProcessManager, log: Log, batch: list[Recorded]) -> Work:
    """A batch that goes well."""
    work = finish(manager.handle(batch))
    assert log.append(work.appends)
    manager.committed()
    return work


def topics(append: Append) -> list[str]:
    return [event.TOPIC for event in append.events]


def test_it_starts_a_manager_that_decides_by_its_limits(log: CountingLog) -> None:
    handler = saga_subscription(LIMITS).start(cast(EventStore, log), 0)
    (append,) = finish(handler.handle(happens(log, placed()))).appends
    assert [event.due_at - log.events[0].recorded_at for event in append.events if isinstance(event, DeadlineSet)] == [
        LIMITS.order
    ]
    handler.discarded()
    finish(handler.handle(log.events))


def other_order(number: int) -> OrderPlaced:
    return placed().model_copy(update={"originator_id": ids.order_id_of_request("test", str(number))})


def test_it_reads_what_it_reacts_to_divided_by_order() -> None:
    subscription = saga_subscription(ProcessLimits())
    assert (subscription.name, subscription.partitions, subscription.key) == ("saga", 4, "correlation_id")
    assert set(subscription.topics or ()) == {
        "ordering.OrderPlaced",
        "ordering.OrderCancellationRequested",
        "payments.UnknownPaymentTold",
        "saga.LedgerAgreed",
        "saga.LedgerDiffered",
        "payments.Disputed",
        "payments.DisputeClosed",
        "payments.WebhookUnexplained",
        "inventory.ReservationConfirmed",
        "inventory.ReservationRejected",
        "inventory.ReservationReleased",
        "payments.Authorized",
        "payments.Declined",
        "payments.OutcomeUnknown",
        "payments.AnswerDiffered",
        "payments.Captured",
        "payments.CaptureRefused",
        "payments.CallPostponed",
        "payments.SecondAuthorizationKept",
        "shipping.SecondBookingKept",
        "payments.Voided",
        "payments.Refunded",
        "payments.ActionRequired",
        "payments.RefundRequested",
        "payments.RefundFailed",
        "payments.Closed",
        "shipping.CallPostponed",
        "shipping.Scheduled",
        "shipping.Refused",
        "shipping.OutcomeUnknown",
        "shipping.AnswerDiffered",
        "shipping.Cancelled",
        "shipping.CancellationRefused",
        "shipping.Closed",
        "shipping.Dispatched",
        "shipping.Delivered",
        "saga.DeadlinePassed",
        "saga.CaseAssigned",
        "saga.CaseNoted",
        "saga.CaseResolved",
        "saga.Intervened",
    }


def test_each_event_is_followed_by_one_append_that_names_it_as_the_cause(
    manager: ProcessManager, log: CountingLog
) -> None:
    batch = happens(log, placed()) + happens(log, SHORT)
    work = finish(manager.handle(batch))
    assert [(one.causation_id, one.correlation_id, one.metadata.actor) for one in work.appends] == [
        (1, ORDER, "service:saga"),
        (2, ORDER, "service:saga"),
    ]
    assert [topics(one) for one in work.appends] == [
        [ProcessStarted.TOPIC, DeadlineSet.TOPIC, StockReservationRequested.TOPIC],
        [StepFailed.TOPIC, ProcessCompensated.TOPIC, OrderRejected.TOPIC],
    ]


def test_a_event_that_nothing_follows_from_is_followed_by_no_append(manager: ProcessManager, log: CountingLog) -> None:
    handled(manager, log, happens(log, placed()))
    assert finish(manager.handle(happens(log, AUTHORIZED))) == Work([], [])


def test_an_event_of_no_order_cannot_be_handled(manager: ProcessManager, log: CountingLog) -> None:
    with pytest.raises(EventFailed) as failed:
        finish(manager.handle(happens(log, RESERVED, order_id=None)))
    assert str(failed.value.__cause__) == "inventory.ReservationConfirmed names no order"


def test_a_batch_is_read_for_in_one_query(manager: ProcessManager, log: CountingLog) -> None:
    orders = [other_order(number) for number in range(3)]
    for order in orders:
        happens(log, order, order_id=order.originator_id)
    asked_for = [cancellation_requested().model_copy(update={"originator_id": order.originator_id}) for order in orders]
    handled(manager, log, [recorded for one in asked_for for recorded in happens(log, one, order_id=one.originator_id)])
    assert log.asked == [
        {stream for order in orders for stream in (order.originator_id, ids.process_id(order.originator_id))}
    ]


def test_an_order_that_is_followed_from_its_first_event_is_never_read(
    manager: ProcessManager, log: CountingLog
) -> None:
    for one in (placed(), RESERVED, AUTHORIZED, SCHEDULED, CAPTURED):
        handled(manager, log, happens(log, one))
    assert log.asked == []


def test_an_order_under_way_is_read_once(manager: ProcessManager, log: CountingLog) -> None:
    handled(manager, log, happens(log, placed()))
    manager.discarded()
    for one in (RESERVED, AUTHORIZED, SCHEDULED, CAPTURED):
        handled(manager, log, happens(log, one))
    assert len(log.asked) == 1


def test_an_order_that_has_ended_is_not_remembered(manager: ProcessManager, log: CountingLog) -> None:
    for one in (placed(), SHORT, cancellation_requested()):
        handled(manager, log, happens(log, one))
    assert len(log.asked) == 1


def test_after_a_batch_that_was_not_committed_its_orders_are_read_once(
    manager: ProcessManager, log: CountingLog
) -> None:
    """Somebody was faster, so that the order has more of a past than the batch says."""
    batch = happens(log, placed())
    finish(manager.handle(batch))
    manager.discarded()
    manager.discarded()  # once for the failure, once more as the position is read anew
    handled(manager, log, batch)
    assert log.asked == [{ORDER, PROCESS}]
    handled(manager, log, happens(log, other_order(1), order_id=other_order(1).originator_id))
    assert len(log.asked) == 1


def test_orders_are_read_for_as_long_as_those_that_are_read_have_a_past(
    manager: ProcessManager, log: CountingLog
) -> None:
    """As where events that were decided on come again."""
    orders = [other_order(number) for number in range(2)]
    for order in orders:
        handled(manager, log, happens(log, order, order_id=order.originator_id))
    anew = ProcessManager(cast(EventStore, log), LIMITS)
    assert not log.append(finish(anew.handle(again(log, orders[0]))).appends)
    anew.discarded()
    for order in orders:
        assert handled(anew, log, again(log, order)).appends == []
    assert len(log.asked) == 2
    handled(anew, log, happens(log, placed()))
    handled(anew, log, happens(log, other_order(2), order_id=other_order(2).originator_id))
    assert len(log.asked) == 3


def test_the_orders_heard_of_last_are_remembered(log: CountingLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_ORDERS", 2)
    manager = ProcessManager(cast(EventStore, log), LIMITS)
    first, second, third = (other_order(number) for number in range(3))
    for order in (first, second):
        handled(manager, log, happens(log, order, order_id=order.originator_id))
    handled(manager, log, again(log, first))
    handled(manager, log, happens(log, third, order_id=third.originator_id))
    handled(manager, log, again(log, first))
    assert log.asked == []
    cancelled = cancellation_requested().model_copy(update={"originator_id": second.originator_id})
    handled(manager, log, happens(log, cancelled, order_id=second.originator_id))
    assert log.asked == [{second.originator_id, ids.process_id(second.originator_id)}]


def again(log: Log, order: OrderPlaced) -> list[Recorded]:
    """The order's first event, delivered once more."""
    return [recorded for recorded in log.events if recorded.stream == order.originator_id][:1]


def test_a_deadline_is_noted_when_it_is_set_and_cleared_when_the_order_ends(
    manager: ProcessManager, log: CountingLog
) -> None:
    (begun,) = happens(log, placed())
    (set_it,) = handled(manager, log, [begun]).statements
    due = begun.recorded_at + timedelta(minutes=15)
    assert set_it.sql.split()[:3] == ["INSERT", "INTO", "commerce_deadlines"]
    assert set_it.parameters == [[PROCESS], ["order"], [ORDER], [due]]
    (clear_it,) = handled(manager, log, happens(log, SHORT)).statements
    assert clear_it.sql.split()[:3] == ["DELETE", "FROM", "commerce_deadlines"]
    assert clear_it.parameters == [[PROCESS], ["order"]]


def test_a_deadline_of_another_kind_takes_the_place_of_the_first(manager: ProcessManager, log: CountingLog) -> None:
    handled(manager, log, happens(log, placed()))
    (asked_for,) = happens(log, cancellation_requested())
    clear_it, set_it = handled(manager, log, [asked_for]).statements
    assert clear_it.parameters == [[PROCESS], ["order"]]
    due = asked_for.recorded_at + timedelta(minutes=5)
    assert set_it.parameters == [[PROCESS], ["compensation"], [ORDER], [due]]


def test_deadlines_that_stay_are_left_alone(manager: ProcessManager, log: CountingLog) -> None:
    handled(manager, log, happens(log, placed()))
    assert handled(manager, log, happens(log, RESERVED)).statements == []


def test_a_deadline_set_and_met_in_one_batch_is_never_noted(manager: ProcessManager, log: CountingLog) -> None:
    assert finish(manager.handle(happens(log, placed()) + happens(log, SHORT))).statements == []


def test_a_passed_deadline_is_decided_on_where_it_stands_in_the_log(manager: ProcessManager, log: CountingLog) -> None:
    """The step before it in the log still succeeds, although the process's stream was read with the deadline passed."""
    handled(manager, log, happens(log, placed()))
    work = handled(manager, log, happens(log, RESERVED) + happens(log, deadline_passed("order")))
    assert CompensationStarted.TOPIC in topics(work.appends[1])
    assert CompensationStarted.TOPIC not in topics(work.appends[0])


def test_a_cancellation_further_on_in_the_log_keeps_the_order_from_being_rejected(
    manager: ProcessManager, log: CountingLog
) -> None:
    handled(manager, log, happens(log, placed()))
    batch = happens(log, SHORT) + happens(log, cancellation_requested())
    work = handled(manager, log, batch)
    assert topics(work.appends[0]) == [StepFailed.TOPIC, ProcessCompensated.TOPIC]
    assert topics(work.appends[1]) == [ProcessCompensated.TOPIC, "ordering.OrderCancelled"]


def test_a_passed_deadline_that_a_state_was_read_with_counts_once(manager: ProcessManager, log: CountingLog) -> None:
    handled(manager, log, happens(log, placed()))
    handled(manager, log, happens(log, cancellation_requested()))
    manager.discarded()
    (passed,) = happens(log, deadline_passed("compensation"))
    (set_it,) = handled(manager, log, [passed]).statements
    assert set_it.parameters[-1] == [passed.recorded_at + timedelta(minutes=10)]


def test_the_deadlines_of_all_orders_of_a_batch_are_noted(manager: ProcessManager, log: CountingLog) -> None:
    handled(manager, log, happens(log, placed()))
    other = other_order(1)
    batch = happens(log, RESERVED) + happens(log, other, order_id=other.originator_id)
    (set_it,) = handled(manager, log, batch).statements
    assert set_it.parameters[2] == [other.originator_id]


def test_a_case_is_said_once_it_is_on_record(manager: ProcessManager, log: CountingLog) -> None:
    for event in (placed(), RESERVED):
        handled(manager, log, happens(log, event))
    with capture_logs() as said:
        work = finish(manager.handle(happens(log, payment_differed("authorize", "authorize"))))
        assert said == []
        assert log.append(work.appends)
        manager.committed()
        manager.committed()
    detail = "the payment provider did 1.00 EUR instead of 30.00 EUR"
    assert said == [
        {
            "event": "a case was opened",
            "log_level": "warning",
            "order_id": str(ORDER),
            "kind": "answer_differed",
            "detail": detail,
        }
    ]


def test_of_two_orders_in_one_batch_both_cases_are_said_and_none_of_them_twice(
    manager: ProcessManager, log: CountingLog
) -> None:
    other = other_order(1).originator_id
    for order in (ORDER, other):
        handled(manager, log, happens(log, placed().model_copy(update={"originator_id": order}), order))
    asked = [cancellation_requested().model_copy(update={"originator_id": order}) for order in (ORDER, other)]
    for event in asked:
        handled(manager, log, happens(log, event, event.originator_id))
    passed = [
        deadline_passed("compensation").model_copy(update={"originator_id": ids.process_id(order), "order_id": order})
        for order in (ORDER, other)
    ]
    for expected in ([ORDER, other], []):
        with capture_logs() as said:
            handled(manager, log, [one for event in passed for one in happens(log, event, event.order_id)])
        assert [one["order_id"] for one in said] == list(map(str, expected))


def test_an_order_that_cannot_be_read_is_the_fault_of_its_event(manager: ProcessManager, log: CountingLog) -> None:
    handled(manager, log, happens(log, placed()))
    manager.discarded()
    (started,) = (one for one in log.events if one.topic == ProcessStarted.TOPIC)
    started.forget_event()
    started.__dict__["state"] = b"[]"
    with pytest.raises(EventFailed) as failed:
        finish(manager.handle(happens(log, RESERVED)))
    assert failed.value.position == log.events[-1].position


def test_what_cannot_be_decided_is_the_fault_of_its_event(
    manager: ProcessManager, log: CountingLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Reaction:
        raise ValueError("nothing is decided")

    monkeypatch.setattr(module, "react", fails)
    with pytest.raises(EventFailed) as failed:
        finish(manager.handle(happens(log, placed())))
    assert failed.value.position == 1
    assert str(failed.value.__cause__) == "nothing is decided"


def test_an_event_that_a_state_has_already_is_not_applied_again(manager: ProcessManager, log: CountingLog) -> None:
    begun = happens(log, placed())
    handled(manager, log, begun)
    (asked,) = happens(log, cancellation_requested())
    process = processes.fold(cast(ProcessEvent, event) for event in log.stream(PROCESS))
    state = OrderState(ordering.fold([begun[0].event]), process)
    after = state.with_event(asked)
    assert after.order is not None
    assert (after.order.version, after.process) == (2, process)
    assert after.with_event(asked) is after
    assert after.with_event(begun[0]) is after
    (passed,) = happens(log, deadline_passed("order"))
    last = after.with_event(passed)
    assert (last.order, last.process and last.process.version) == (after.order, 4)
    assert last.with_event(passed) is last
