"""Calls that may have been handled though nobody heard so: which these are, and when each party is asked about
them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import LiteralString

from commerce.eventstore import Recorded, Statement
from commerce.outside.events import CallAttempted, CallUnanswered
from commerce.saga.definitions import EVERY_STEP
from commerce.saga.step_definition import Occurrence
from commerce.values import ids
from workers.outbox.messages import SUBJECTS, LoggedRequest, Outgoing, array_columns

FIRST_PAUSE_S = 45
"""From an attempt to the first question what became of it; doubles with each."""

KEY_LIFETIME_S = 24 * 3600
"""From an attempt to the last question: after that a party has forgotten the key, and nothing more can happen
under it."""

ASKED_AGAIN: dict[Occurrence, str] = {
    step.request.occurrence(): SUBJECTS[step.request.event] for step in EVERY_STEP if step.party
}
"""The requests that set something aside, take it or book it; an undo is repeated until it has an outcome anyway."""

_ATTEMPTED = {step.request.attempted for step in EVERY_STEP if step.party}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulCall(LoggedRequest):
    """One that is due to be asked about; the last question is put when nothing more can happen."""

    asked: int
    is_last: bool

    def outgoing(self) -> Outgoing:
        """The message: the command once more, whose consumer finds it answered, and asks."""
        return self.command_message(f"{self.request_id}:{self.subject}:asked-{self.asked}")


def statements_of_doubts(batch: Iterable[Recorded]) -> list[Statement]:
    """What is to be remembered of a batch: calls without an answer, and those before another attempt of the same
    request."""
    doubts = {
        doubt.request_id: (*doubt.row, recorded.recorded_at) for recorded in batch if (doubt := _doubt_of(recorded))
    }
    return [Statement(_REMEMBER, [FIRST_PAUSE_S, *array_columns(doubts.values())])] if doubts else []


def statement_of_given_up(settled: Sequence[tuple[object, str]]) -> list[Statement]:
    """Requests that have no outcome when what they asked for is undone: one may be under way. To be run while
    they are known."""
    asked = [one for one in settled if one[1] in ASKED_AGAIN.values()]
    return [Statement(_GIVEN_UP, [FIRST_PAUSE_S, *array_columns(asked)])] if asked else []


def _doubt_of(recorded: Recorded) -> LoggedRequest | None:
    event = recorded.event
    if not isinstance(event, CallUnanswered | CallAttempted):
        return None
    if isinstance(event, CallAttempted) and (event.attempt == 1 or type(event) not in _ATTEMPTED):
        return None
    process = ids.process_id(event.order_id)
    subject = next(
        (ASKED_AGAIN[step] for step in ASKED_AGAIN if ids.request_id(process, step) == event.request_id), None
    )
    if subject is None:
        return None
    return LoggedRequest(
        request_id=event.request_id,
        subject=subject,
        order_id=event.order_id,
        process_id=process,
        position=recorded.position,
    )


_REMEMBER: LiteralString = """
    INSERT INTO commerce_doubtful_calls (request_id, subject, order_id, process_id, position, attempted_at, due_at)
    SELECT request_id, subject, order_id, process_id, position, attempted_at,
           clock_timestamp() + make_interval(secs => %s)
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::bigint[], %s::timestamptz[])
        AS doubt (request_id, subject, order_id, process_id, position, attempted_at)
    ON CONFLICT (request_id) DO UPDATE SET attempted_at = excluded.attempted_at, due_at = excluded.due_at, asked = 0"""

_GIVEN_UP: LiteralString = """
    INSERT INTO commerce_doubtful_calls (request_id, subject, order_id, process_id, position, attempted_at, due_at)
    SELECT request_id, r.subject, r.order_id, process_id, position, clock_timestamp(),
           clock_timestamp() + make_interval(secs => %s)
    FROM commerce_requests r JOIN unnest(%s::uuid[], %s::text[]) AS settled (order_id, subject)
    USING (order_id, subject)
    ON CONFLICT DO NOTHING"""

DUE: LiteralString = """
    UPDATE commerce_doubtful_calls d
    SET asked = asked + 1,
        due_at = least(
            clock_timestamp() + make_interval(secs => %(pause)s * 2 ^ least(asked + 1, 16)),
            attempted_at + make_interval(secs => %(lifetime)s))
    WHERE request_id IN (
        SELECT request_id FROM commerce_doubtful_calls c
        WHERE due_at <= clock_timestamp()
          AND NOT EXISTS (SELECT FROM commerce_requests r WHERE r.request_id = c.request_id)
        ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING request_id, subject, order_id, process_id, position, asked,
              attempted_at + make_interval(secs => %(lifetime)s) <= clock_timestamp() AS is_last"""
"""Takes what is due, and says when it is due again."""
