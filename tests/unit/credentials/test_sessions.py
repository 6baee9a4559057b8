"""The rules of a session, and its refresh tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from commerce.credentials import sessions
from commerce.credentials.sessions import RefreshToken, RefreshTokens, fold, request_digest
from commerce.customers.events import SESSION_EVENTS, SessionEnded, SessionRefreshed, SessionStarted
from tests.unit.scenario import SomethingElse, Told, event

SESSION, ADA = UUID(int=7), UUID(int=1)
END = datetime(2026, 12, 29, tzinfo=UTC)
TOKENS = RefreshTokens(b"s" * 32, "refresh tokens", "crt_")
KEY = request_digest(RefreshToken(SESSION, 1), "key-1")

started = event(SessionStarted, customer_id=ADA, credential=1, expires_at=END)
refreshed = event(SessionRefreshed, generation=2, request=None)
keyed = event(SessionRefreshed, generation=2, request=KEY)
reused = event(SessionEnded, reason="token_reused")
given = Told(fold, SESSION)


def test_a_session_begins_with_its_first_token() -> None:
    assert given.state(started).generation == 1


def test_a_token_is_replaced_by_the_next_and_good_no_more() -> None:
    given(started).when(sessions.refresh, 1, None, SESSION_EVENTS).then(refreshed)
    given(started, refreshed).when(sessions.refresh, 1, None, SESSION_EVENTS).then(reused)
    third = event(SessionRefreshed, generation=3)
    given(started, refreshed).when(sessions.refresh, 2, None, SESSION_EVENTS).then(third)


def test_the_same_request_again_is_nothing_new_and_any_other_ends_the_session() -> None:
    given(started).when(sessions.refresh, 1, KEY, SESSION_EVENTS).then(keyed)
    given(started, keyed).when(sessions.refresh, 1, KEY, SESSION_EVENTS).then_nothing_new()
    given(started, keyed).when(sessions.refresh, 1, "another", SESSION_EVENTS).then(reused)
    given(started, keyed).when(sessions.refresh, 1, None, SESSION_EVENTS).then(reused)
    given(started, refreshed).when(sessions.refresh, 1, None, SESSION_EVENTS).then(reused)
    later = event(SessionRefreshed, generation=3, request=KEY)
    given(started, keyed, later).when(sessions.refresh, 1, KEY, SESSION_EVENTS).then(reused)


def test_a_session_ends_once() -> None:
    revoked = event(SessionEnded, reason="revoked")
    given(started).when(sessions.end, "revoked", SESSION_EVENTS).then(revoked)
    given(started, revoked).when(sessions.end, "revoked", SESSION_EVENTS).then_nothing_new()
    assert given.state(started, revoked).ended == "revoked"


def test_the_first_and_the_last_event_make_the_state() -> None:
    third = event(SessionRefreshed, generation=3, request=KEY)
    whole, short = given.state(started, refreshed, third), given.state(started, third)
    assert (whole.generation, whole.request, whole.expires_at) == (short.generation, short.request, short.expires_at)
    assert given.state(started, event(SomethingElse)).version == 2
    assert fold([]) is None


def test_a_token_is_read_as_it_was_written() -> None:
    token = RefreshToken(SESSION, 3)
    text = TOKENS.write(token)
    assert text.startswith("crt_")
    assert TOKENS.read(text) == token
    assert TOKENS.write(RefreshToken(SESSION, 4)) != text


@pytest.mark.parametrize("text", ["", "crt_", "nonsense", "crt_é", "crt_" + "A" * 70, "a" * 4_000])
def test_what_is_no_token_of_ours_is_none(text: str) -> None:
    assert TOKENS.read(text) is None


def test_a_token_that_was_changed_or_made_with_another_key_is_none() -> None:
    text = TOKENS.write(RefreshToken(SESSION, 1))
    assert RefreshTokens(b"t" * 32, "refresh tokens", "crt_").read(text) is None
    assert RefreshTokens(b"s" * 32, "refresh tokens of others", "crt_").read(text) is None
    for place in range(len("crt_"), len(text) - 1):
        other = "A" if text[place] != "A" else "B"
        assert TOKENS.read(text[:place] + other + text[place + 1 :]) is None
