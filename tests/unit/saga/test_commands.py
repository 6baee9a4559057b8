"""What people do with a process from outside begins with how its stream stands, and can be seen before it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from commerce.eventstore import Accepted, Event, EventStore, Idempotency, Metadata, Sealed, StreamDecision
from commerce.ordering import order as ordering
from commerce.saga import commands
from commerce.saga.cases import assign
from commerce.saga.commands import begun, change_process, preview
from commerce.saga.intervention_events import Intervened, Intervention
from commerce.saga.interventions import intervene
from commerce.saga.limits import ProcessLimits
from commerce.values.errors import NotFound
from tests.unit.saga.inputs import LATER, LIMITS, ORDER, PROCESS, RESERVED, deadline_passed, placed, put_off
from tests.unit.saga.log import finish
from tests.unit.saga.scenario import given

WAITING = (placed(), RESERVED, put_off("authorize", "credential_refused"), deadline_passed("order"))
"""It waits for what only a person can mend, which is a case."""
STORE = cast(EventStore, object())
ACCEPTED = cast(Accepted, object())
BY = Metadata(actor="operator:anna")
AT = LATER + timedelta(minutes=1)


def wanted(action: Intervention) -> Intervened:
    (event,) = intervene(given(*WAITING).process_now, action, Sealed("why"))
    return event


def foreseen(action: Intervention, limits: ProcessLimits = LIMITS) -> list[Event]:
    return preview(given(*WAITING).process_now, ordering.fold([placed()]), wanted(action), AT, limits)


def test_what_is_foreseen_is_what_the_process_and_the_order_would_record() -> None:
    events = foreseen("compensate")
    assert [one.TOPIC for one in events] == [
        "saga.Intervened",
        "saga.Compensating",
        "saga.DeadlineSet",
        "saga.VoidRequested",
    ]
    first = given(*WAITING).process_now.version + 1
    assert [one.originator_version for one in events] == list(range(first, first + 4))
    assert {one.originator_id for one in events} == {PROCESS}


def test_what_is_foreseen_is_decided_at_its_time_and_by_the_limits() -> None:
    short = ProcessLimits(compensation=timedelta(minutes=1))
    (deadline,) = (one for one in foreseen("compensate", short) if one.TOPIC == "saga.DeadlineSet")
    assert getattr(deadline, "due_at", None) == AT + timedelta(minutes=1)


def test_the_end_of_the_order_is_foreseen_with_the_end_of_its_process() -> None:
    nothing_done = replace(given(placed()).process_now, held=frozenset(), awaits=None)
    (giving_up,) = intervene(nothing_done, "compensate", Sealed("why"))
    events = preview(nothing_done, ordering.fold([placed()]), giving_up, AT, LIMITS)
    assert [one.TOPIC for one in events] == ["saga.Intervened", "saga.Compensated", "ordering.OrderRejected"]


def test_a_process_that_has_not_begun_is_not_found() -> None:
    with pytest.raises(NotFound, match=f"^the process of order {ORDER} has not begun yet$"):
        begun(ORDER, [])
    assert begun(ORDER, given(*WAITING).stated) == given(*WAITING).process_now


def test_what_is_decided_on_a_process_is_handled_in_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    async def handle(store: EventStore, decision: StreamDecision, metadata: Metadata, **more: object) -> Accepted:
        seen.update(store=store, decision=decision, metadata=metadata, **more)
        return ACCEPTED

    monkeypatch.setattr(commands, "handle_command", handle)
    owner = "anna"
    once = Idempotency("scope", "key", b"", b"{}")
    changing = change_process(STORE, ORDER, lambda process: assign(process, owner), BY, idempotency=once, keys=())
    assert finish(changing) is ACCEPTED
    assert (seen["store"], seen["metadata"], seen["correlation_id"]) == (STORE, BY, ORDER)
    assert (seen["idempotency"], seen["keys"]) == (once, ())
    decision = cast(StreamDecision, seen["decision"])
    assert decision.stream == PROCESS
    assert decision.decide(given(*WAITING).stated) == assign(given(*WAITING).process_now, owner)
    with pytest.raises(NotFound, match=str(ORDER)):
        decision.decide([])
