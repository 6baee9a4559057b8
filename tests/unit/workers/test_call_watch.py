"""How calls to a party go: counted, told by health while they fail, and warned of once."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from commerce.outside.errors import Cause, Postponed, RequestRejected
from commerce.values.errors import Unavailable
from workers.gateways import call_watch
from workers.gateways.call_watch import FAILING_CALLS, FAILING_SPAN_S, FORGOTTEN_AFTER_S, CallWatch


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(call_watch, "time", clock)
    return clock


@pytest.fixture
def watch() -> CallWatch:
    return CallWatch("payment provider", "correct it")


def timed_out() -> Unavailable:
    error = Unavailable("the payment provider gave no answer in time")
    error.__cause__ = TimeoutError()
    return error


def fail(watch: CallWatch, error: Exception, operation: str = "void") -> None:
    with pytest.raises(type(error)), watch.call(operation):
        raise error


def succeed(watch: CallWatch, operation: str = "void") -> None:
    with watch.call(operation):
        pass


def refused(cause: Cause = "credential_refused") -> Postponed:
    return Postponed("the payment provider rejects our credential (401)", cause)


def test_calls_are_counted_by_operation_and_what_became_of_them(watch: CallWatch, clock: Clock) -> None:
    registry = CollectorRegistry()
    registry.register(watch)
    succeed(watch, "authorize")
    cut_off = Unavailable("cut")
    cut_off.__cause__ = ConnectionResetError()
    for error in (timed_out(), cut_off, Unavailable("answered 503"), RequestRejected("x", "y"), refused("busy")):
        fail(watch, error)
    found = {
        result: registry.get_sample_value(
            "commerce_outside_calls_total", {"party": "payment provider", "operation": operation, "result": result}
        )
        for operation, result in [
            ("authorize", "answered"),
            ("void", "timeout"),
            ("void", "cut_off"),
            ("void", "bad_answer"),
            ("void", "rejected"),
            ("void", "busy"),
        ]
    }
    assert found == dict.fromkeys(found, 1.0)


def test_a_party_that_begins_to_fail_is_warned_of_once(watch: CallWatch, clock: Clock) -> None:
    with capture_logs() as logs:
        for _ in range(5):
            fail(watch, timed_out())
            clock.now += 10
        succeed(watch)
    assert [(one["event"], one["log_level"]) for one in logs] == [
        ("calls to the outside begin to fail", "warning"),
        ("calls to the outside are answered again", "info"),
    ]
    assert logs[0]["party"] == "payment provider"
    assert logs[0]["operation"] == "void"
    assert logs[0]["result"] == "timeout"


def test_one_card_that_fails_among_others_is_no_alarm_each_time(watch: CallWatch, clock: Clock) -> None:
    with capture_logs() as logs:
        for _ in range(20):
            fail(watch, Unavailable("answered 503"))
            succeed(watch)
            clock.now += 1
    assert len(logs) == 1
    assert watch.problems() == {}


def test_health_says_so_once_no_call_was_answered_for_a_while(watch: CallWatch, clock: Clock) -> None:
    for number in range(FAILING_CALLS):
        assert watch.problems() == {}
        clock.now += FAILING_SPAN_S / (FAILING_CALLS - 1) if number else 0
        fail(watch, timed_out())
    assert watch.problems() == {
        "payment provider": "no call was answered for 20 s, 3 failed: the payment provider gave no answer in time"
    }
    clock.now += FORGOTTEN_AFTER_S + 1
    assert watch.problems() == {}, "nobody called again, so nobody knows"


def test_a_rejected_credential_is_an_alarm_at_once_and_until_it_is_taken(watch: CallWatch, clock: Clock) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            fail(watch, refused())
        assert watch.problems() == {
            "payment provider": "the payment provider rejects our credential (401); orders wait until it is taken: "
            "correct it"
        }
        succeed(watch)
    assert watch.problems() == {}
    assert [one["event"] for one in logs] == [
        "calls to the outside begin to fail",
        "calls to the outside are answered again",
    ]


def test_a_party_that_is_busy_does_not_fail(watch: CallWatch, clock: Clock) -> None:
    with capture_logs() as logs:
        for _ in range(10):
            fail(watch, refused("busy"))
            clock.now += 10
    assert logs == []
    assert watch.problems() == {}


def test_that_we_may_ask_does_not_mean_that_our_credential_is_taken(watch: CallWatch, clock: Clock) -> None:
    fail(watch, refused(), "authorize")
    succeed(watch, "find_operation")
    assert watch.problems() != {}
    succeed(watch, "authorize")
    assert watch.problems() == {}
    fail(watch, refused(), "find_operation")
    succeed(watch, "find_operation")
    assert watch.problems() == {}
