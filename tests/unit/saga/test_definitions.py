"""An order ends under the definition of the process that it began with, across restarts and newer versions."""

from __future__ import annotations

from dataclasses import replace
from typing import cast
from uuid import UUID

import pytest

from commerce.eventstore import Append, Event, EventStore, Recorded
from commerce.saga import definitions
from commerce.saga.definitions import DEFINITIONS, ProcessDefinition
from commerce.saga.events import ProcessEvent, ProcessStarted
from commerce.saga.process import Process, Stage, fold
from commerce.saga.steps import AUTHORIZATION, CAPTURE, SHIPMENT, STOCK
from commerce.saga.subscription import ProcessManager
from commerce.shipping.events import ShipmentRefused
from commerce.values import ids
from tests.unit.saga.inputs import AUTHORIZED, CAPTURED, LIMITS, REFUSED, RESERVED, SCHEDULED, placed
from tests.unit.saga.log import OUTSIDE, Log, finish

OLD, NEW = ids.order_id_of_request("test", "old"), ids.order_id_of_request("test", "new")
SECOND = ProcessDefinition((STOCK, AUTHORIZATION, CAPTURE, replace(SHIPMENT, failed={ShipmentRefused: "not_served"})))
"""The money is taken before the shipment is booked, and an order that the carrier refuses has another reason."""
STREAM_OF = {"inventory": ids.reservation_id, "payments": ids.payment_id, "shipping": ids.shipment_id}


class Worker:
    """A process manager that is started on a log, which an earlier one may have left."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.manager = ProcessManager(cast(EventStore, log), LIMITS)

    def reads(self, event: Event, order: UUID, stream: UUID) -> list[str]:
        """An event happens, is decided on, and is followed by these."""
        said = event.model_copy(
            update={"originator_id": stream, "originator_version": len(self.log.stream(stream)) + 1}
        )
        assert self.log.append([Append([said], order, OUTSIDE)])
        return self.decides_on(self.log.events[-1:])

    def decides_on(self, batch: list[Recorded]) -> list[str]:
        """What follows from a batch."""
        while not self.log.append((work := finish(self.manager.handle(batch))).appends):
            self.manager.discarded()
        self.manager.committed()
        return [one.TOPIC for append in work.appends for one in append.events]

    def places(self, order: UUID) -> list[str]:
        return self.reads(placed(), order, order)

    def hears(self, answer: Event, order: UUID, request: str) -> list[str]:
        about = {"order_id": order, "request_id": ids.request_id(ids.process_id(order), request)}
        stream = STREAM_OF[answer.TOPIC.partition(".")[0]](order)
        return self.reads(answer.model_copy(update=about), order, stream)

    def process(self, order: UUID) -> Process:
        found = fold(cast(ProcessEvent, event) for event in self.log.stream(ids.process_id(order)))
        assert found is not None
        return found


def test_a_running_order_ends_under_its_definition_and_a_new_one_under_the_next_across_restarts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    before = Worker(log)
    before.places(OLD)
    before.hears(RESERVED, OLD, "reserve")

    monkeypatch.setattr(definitions, "DEFINITIONS", {1: DEFINITIONS[1], 2: SECOND})
    worker = Worker(log)
    worker.places(NEW)
    worker.hears(RESERVED, NEW, "reserve")
    assert worker.hears(AUTHORIZED, OLD, "authorize")[-1] == "saga.ShipmentRequested"
    assert worker.hears(AUTHORIZED, NEW, "authorize")[-1] == "saga.CaptureRequested"

    worker = Worker(log)
    assert worker.hears(SCHEDULED, OLD, "schedule")[-1] == "saga.CaptureRequested"
    assert worker.hears(CAPTURED, NEW, "capture")[-1] == "saga.ShipmentRequested"
    assert worker.hears(CAPTURED, OLD, "capture")[-1] == "ordering.OrderConfirmed"
    assert worker.hears(REFUSED, NEW, "schedule")[-1] == "saga.RefundRequested"
    old, new = worker.process(OLD), worker.process(NEW)
    assert (old.definition, old.stage) == (1, Stage.COMPLETED)
    assert (new.definition, new.completion and new.completion.reason) == (2, "not_served")


def test_each_definition_has_a_version_and_code_that_does_not_know_the_newest_does_not_start_on_its_log() -> None:
    assert list(DEFINITIONS) == list(range(1, len(DEFINITIONS) + 1))
    assert ProcessStarted.class_version == len(DEFINITIONS) + 1
