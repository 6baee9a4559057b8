"""The process manager decides as it did when its histories were recorded, and as older versions did whose logs
are kept."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, cast
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from commerce.eventstore.codec.event import Event
from commerce.eventstore.codec.mapper import MAPPER
from commerce.saga.decide import TOPICS, react
from commerce.saga.events import DeadlinePassed, ProcessEvent
from commerce.saga.limits import ProcessLimits
from commerce.saga.process import Process, evolve
from commerce.values import ids
from tests.unit.saga.histories import people
from tests.unit.saga.histories.shape import NOTHING, PEOPLE, RECORDED, in_recorded_words, outcome, read_recording
from tests.unit.saga.inputs import LIMITS

DUMPS = sorted((Path(__file__).parents[2] / "data").glob("log-*.sql.gz"))


@pytest.mark.parametrize(
    ("file", "limits", "least"),
    [(RECORDED, LIMITS, 100_000), (PEOPLE, people.LIMITS, 10_000)],
    ids=["the way of an order", "what people ask for"],
)
def test_every_recorded_decision_is_made_again(file: Path, limits: ProcessLimits, least: int) -> None:
    recording = read_recording(file)
    processes: dict[int, Process | None] = {0: None}
    tried = 0
    for situation, edges in enumerate(recording["edges"]):
        if edges is None:
            processes.pop(situation, None)
            continue
        process = processes.pop(situation)
        expected = {which: (recording["decisions"][decision], after) for which, decision, after in edges}
        for which, input_ in enumerate(recording["inputs"]):
            found = outcome(process, input_, limits)
            decided, after = expected.get(which, (NOTHING, None))
            assert found.decided == decided, (input_["topic"], input_["state"], process)
            if after is None:
                assert found.process == process
            elif after > situation:
                processes.setdefault(after, found.process)
            tried += 1
    assert tried > least
    assert not processes


class Row(NamedTuple):
    """An event of an older log."""

    stream: UUID
    version: int
    topic: str
    state: bytes
    position: int
    recorded_at: datetime
    correlation_id: UUID | None
    causation_id: int | None

    @property
    def event(self) -> Event:
        return MAPPER.to_domain_event(StoredEvent(self.stream, self.version, self.topic, self.state))


_ROW = re.compile(
    r"\('([0-9a-f-]{36})', (\d+), '([\w.]+)', '\\x([0-9a-f]+)', (\d+), '([^']+)', (?:NULL|'([0-9a-f-]{36})'), "
    r"(?:NULL|(\d+)), "
)


def rows(dump: Path) -> Iterator[Row]:
    """The events of a log, in the order in which pg_dump found them."""
    inserted = gzip.decompress(dump.read_bytes()).decode().partition("INSERT INTO public.commerce_events VALUES")[2]
    for found in _ROW.finditer(inserted.partition(";\n")[0]):
        stream, version, topic, state, position, recorded_at, correlation, causation = found.groups()
        yield Row(
            UUID(stream),
            int(version),
            topic,
            bytes.fromhex(state),
            int(position),
            datetime.fromisoformat(recorded_at + ":00"),
            UUID(correlation) if correlation else None,
            int(causation) if causation else None,
        )


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.name)
def test_the_processes_of_older_logs_are_decided_as_they_were(dump: Path) -> None:
    log = sorted(rows(dump), key=lambda row: row.position)
    recorded: dict[int, list[Row]] = defaultdict(list)
    for row in log:
        if row.correlation_id and row.stream == ids.process_id(row.correlation_id) and row.causation_id:
            recorded[row.causation_id].append(row)
    processes: dict[UUID, Process | None] = {}
    decided = 0
    for row in log:
        if row.correlation_id is None or row.topic not in TOPICS:
            continue
        order, event = row.correlation_id, row.event
        process = processes.get(order)
        own = [one for one in recorded[row.position] if one.topic != DeadlinePassed.TOPIC]
        if isinstance(event, DeadlinePassed):
            process = evolve(process, event)
        reaction = react(process, event, row.recorded_at, ProcessLimits(), definition=1)
        found = [(one.TOPIC, fields(MAPPER.to_stored_event(one).state)) for one in reaction.events]
        assert found == [(one.topic, fields(one.state)) for one in own], row.topic
        for one in own:
            process = evolve(process, cast(ProcessEvent, one.event))
        processes[order] = process
        decided += len(own)
    assert decided > 50


def fields(state: bytes) -> dict[str, object]:
    """What an event of the process says; but for its version, and for a deadline, which a setting decides on."""
    found: dict[str, object] = json.loads(in_recorded_words(state.decode()))
    newer = ("class_version", "due_at", "outlasts_undoing", "kind", "definition")
    of_disputes = {"about": None, "amount": None, "answer_by": None}.items()
    return {name: value for name, value in found.items() if name not in newer and (name, value) not in of_disputes}
