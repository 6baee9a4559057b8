"""An order's events are told in chapters, and the API's words for them are those that the console knows."""

from __future__ import annotations

from typing import Any

from api.console.order_story import STEPS_BETWEEN, chapters
from api.pages.process_words import PHRASES
from commerce.events import STREAM_KIND_OF
from commerce.saga.definitions import REQUESTS


def event(position: int, topic: str, cause: int | None = None) -> dict[str, Any]:
    at = f"2026-11-30T10:00:{position:02}+00:00"
    return {"position": position, "topic": topic, "causation_id": cause, "recorded_at": at, "text": topic}


def told(*events: dict[str, Any]) -> list[tuple[int, list[int]]]:
    return [(one.event["position"], [step["position"] for step in one.steps]) for one in chapters(events)]


def test_a_step_belongs_to_what_it_led_to_and_else_to_what_it_followed_from() -> None:
    events = [
        event(1, "ordering.OrderPlaced"),
        event(2, "saga.Started", 1),
        event(3, "saga.StockReservationRequested", 1),
        event(4, "inventory.StockReserved", 3),
        event(5, "inventory.ReservationConfirmed", 3),
        event(6, "saga.StepSucceeded", 5),
        event(7, "saga.AuthorizationRequested", 5),
        event(8, "payments.AuthorizationAttempted", 7),
        event(9, "payments.CallUnanswered", 8),
        event(11, "payments.AuthorizationAttempted", 9),
        event(12, "payments.Authorized", 11),
    ]
    assert told(*events) == [(1, [2]), (5, [3, 4, 6]), (12, [7, 8, 9, 11])]
    authorised = chapters(events)[-1]
    assert (authorised.part, authorised.attempts, authorised.seconds) == ("payments", 2, 5.0)


def test_a_step_whose_cause_is_on_another_page_and_an_unknown_event_are_told_too() -> None:
    assert told(event(7, "saga.StepSucceeded", 5), event(8, "saga.DeadlineSet", 5)) == [(7, [8])]
    assert told(event(1, "ordering.OrderPlaced"), event(2, "later.Event", 1)) == [(1, []), (2, [])]


def test_every_step_between_is_an_event_that_there_is() -> None:
    assert set(STREAM_KIND_OF) >= STEPS_BETWEEN


def test_the_console_knows_the_words_of_every_request() -> None:
    said = {words for request in REQUESTS for words in (request.awaited, request.next) if words}
    assert said - set(PHRASES) == set()
