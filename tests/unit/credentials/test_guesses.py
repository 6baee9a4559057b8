"""Who guesses passwords waits, and keeps nobody out who comes from where they came before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commerce.credentials.guesses import (
    REFUSALS_IN_ALL_ATTEMPTS,
    REFUSALS_OF_SOURCE_ATTEMPTS,
    WINDOW_S,
    seconds_to_wait,
)
from commerce.customers.events import LoggedIn, LoginRefused, PasswordReset, PasswordResetRequested
from commerce.customers.logins import evolve_logins, evolve_refused, reset_times
from commerce.eventstore import Event, Recorded
from commerce.eventstore.codec.mapper import MAPPER
from tests.unit.scenario import placed_in

ADA, STREAM = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
HOME, THIEF = "home", "thief"


def recorded(event: Event, seconds_ago: float, version: int = 1) -> Recorded:
    stored = MAPPER.to_stored_event(placed_in(STREAM, [event], version - 1)[0])
    at = NOW - timedelta(seconds=seconds_ago)
    return Recorded(
        id=version,
        originator_id=STREAM,
        originator_version=version,
        topic=stored.topic,
        state=stored.state,
        recorded_at=at,
        correlation_id=ADA,
        causation_id=None,
        actor="visitor:unknown",
        request_id=None,
    )


def refused(count: int, source: str, seconds_ago: float = 10) -> list[Recorded]:
    event = LoginRefused(customer_id=ADA, reason="wrong_password", source=source)
    return [recorded(event, seconds_ago, number) for number in range(1, count + 1)]


def let_in(source: str, seconds_ago: float) -> list[Recorded]:
    return [recorded(LoggedIn(customer_id=ADA, session_id=STREAM, source=source), seconds_ago)]


def waited(let_in: list[Recorded], refused: list[Recorded], source: str, reset: list[Recorded] | None = None) -> int:
    return seconds_to_wait(let_in, refused, reset_times(reset or []), source, NOW)


def test_the_first_guesses_are_free() -> None:
    assert waited([], [], HOME) == 0
    assert waited([], refused(REFUSALS_OF_SOURCE_ATTEMPTS - 1, HOME), HOME) == 0


def test_who_guesses_too_often_waits_until_a_guess_is_forgotten_and_others_do_not() -> None:
    guesses = refused(REFUSALS_OF_SOURCE_ATTEMPTS, THIEF)
    assert waited([], guesses, THIEF) == WINDOW_S - 10
    assert waited([], guesses, HOME) == 0


@pytest.mark.parametrize(("seconds_ago", "waits"), [(WINDOW_S - 0.5, 1), (WINDOW_S, 0), (WINDOW_S + 1, 0)])
def test_guesses_are_forgotten(seconds_ago: float, waits: int) -> None:
    assert waited([], refused(REFUSALS_OF_SOURCE_ATTEMPTS, THIEF, seconds_ago), THIEF) == waits


def test_the_right_password_forgives_the_wrong_ones_before_it() -> None:
    guesses = refused(REFUSALS_OF_SOURCE_ATTEMPTS, HOME)
    assert waited(let_in(HOME, 5), guesses, HOME) == 0
    assert waited(let_in(HOME, 20), guesses, HOME) == WINDOW_S - 10


def test_who_replaced_the_password_by_a_mail_is_forgiven_all_before_wherever_they_are() -> None:
    guesses = refused(REFUSALS_IN_ALL_ATTEMPTS, HOME)
    asked = PasswordResetRequested(customer_id=ADA, request_id=ADA, expires_at=NOW)
    assert waited([], guesses, HOME, [recorded(asked, 5)]) == WINDOW_S - 10
    assert waited([], guesses, HOME, [recorded(PasswordReset(request_id=ADA), 5)]) == 0
    assert waited([], guesses, HOME, [recorded(PasswordReset(request_id=ADA), 20)]) == WINDOW_S - 10


def test_however_many_guess_from_anywhere_the_customer_gets_in_from_where_they_came_before() -> None:
    guesses = [one for number in range(REFUSALS_IN_ALL_ATTEMPTS) for one in refused(1, f"thief {number}")]
    assert waited(let_in(HOME, 10**6), guesses, HOME) == 0
    assert waited(let_in(HOME, 10**6), guesses, "elsewhere") == WINDOW_S - 10
    assert waited([], guesses[1:], "elsewhere") == 0


def test_the_audit_sees_how_many_there_were() -> None:
    state = None
    for one in let_in(HOME, 1):
        state = evolve_logins(state, one.event)
    assert state is not None
    assert state.logins == 1
    refusals = None
    for one in refused(3, HOME):
        refusals = evolve_refused(refusals, one.event)
    assert refusals is not None
    assert (refusals.refused, refusals.reason, refusals.version) == (3, "wrong_password", 3)
