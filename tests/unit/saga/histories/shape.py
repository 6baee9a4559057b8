"""The shape of the recorded histories, and how an input is decided on by the present code."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TypedDict, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from commerce.eventstore.codec.event import Event
from commerce.eventstore.codec.mapper import MAPPER
from commerce.saga.case_events import CaseOpened, CaseResolved
from commerce.saga.decide import react
from commerce.saga.events import DeadlinePassed, ProcessEvent, ProcessStarted
from commerce.saga.intervention_events import Intervened
from commerce.saga.limits import ProcessLimits
from commerce.saga.order_commands import (
    CancelOrder,
    CloseDispute,
    ConfirmOrder,
    DeliverOrder,
    DisputeOrder,
    OrderCommand,
    RejectCancellation,
    RejectOrder,
    ShipOrder,
)
from commerce.saga.process import Process, evolve, fold
from tests.unit.saga.inputs import PROCESS

RECORDED, PEOPLE = (Path(__file__).parent / f"{name}.json.gz" for name in ("recorded", "people"))
DEFINITION = 1
"""Under which the process began whose decisions are recorded."""


class Input(TypedDict):
    """An event as the log holds it; one of the process's own stream has the version that comes next there."""

    stream: str
    version: int
    topic: str
    state: str
    recorded_at: str


class Decided(TypedDict):
    """What followed: the process's own events as topic and state, and what is to become of the order."""

    events: list[list[str]]
    order: list[list[str]]


class Recording(TypedDict):
    """A graph. A situation is reached by the first edge that leads to it; 0 is the one before the order is
    placed.

    `edges` has a list for each situation: input, decision, situation after it. An input that is not listed is followed
    by nothing, and changes nothing. None stands for a situation beyond the bounds of the walk, in which nothing was
    tried.
    """

    inputs: list[Input]
    decisions: list[Decided]
    edges: list[list[tuple[int, int, int]] | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an input led to."""

    decided: Decided
    process: Process | None


NOTHING = Decided(events=[], order=[])

_COMMANDS: dict[type[OrderCommand], str] = {
    ConfirmOrder: "confirm",
    RejectOrder: "reject",
    CancelOrder: "cancel",
    RejectCancellation: "refuse cancellation",
    ShipOrder: "ship",
    DeliverOrder: "deliver",
    DisputeOrder: "dispute",
    CloseDispute: "close dispute",
}


def read_recording(file: Path) -> Recording:
    """What stands in the repository."""
    return cast(Recording, json.loads(gzip.decompress(file.read_bytes())))


def write_recording(file: Path, recording: Recording) -> None:
    """The same bytes for the same recording."""
    text = json.dumps(recording, ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(gzip.compress(text.encode(), mtime=0))


def stored(event: Event, at: datetime) -> Input:
    """An event as an input."""
    state = MAPPER.to_stored_event(event).state.decode()
    place = str(event.originator_id), event.originator_version
    return Input(stream=place[0], version=place[1], topic=event.TOPIC, state=state, recorded_at=at.isoformat())


def outcome(process: Process | None, input_: Input, limits: ProcessLimits) -> Outcome:
    """What the present code decides under the first definition. Its events have to go on where the process's stream
    is."""
    event = _loaded(input_, process)
    if event is None:
        return Outcome(NOTHING, process)
    if isinstance(event, DeadlinePassed | Intervened | CaseResolved):
        process = evolve(process, event)
    reaction = react(process, event, datetime.fromisoformat(input_["recorded_at"]), limits, DEFINITION)
    version = 0 if process is None else process.version
    for number, own in enumerate(reaction.events, start=1):
        assert (own.originator_id, own.originator_version) == (PROCESS, version + number)
    if not reaction.events and not reaction.commands:
        return Outcome(NOTHING, process)
    own_events = [MAPPER.to_stored_event(own) for own in reaction.events]
    after = fold((cast(ProcessEvent, MAPPER.to_domain_event(own)) for own in own_events), process)
    assert after == (reaction.process or process), "the process in a reaction is the one that its stored events make"
    return Outcome(Decided(events=[_words(own) for own in own_events], order=_commands(reaction.commands)), after)


def _loaded(input_: Input, process: Process | None) -> Event | None:
    """The event of an input; none where it belongs into the stream of a process that does not exist."""
    if input_["stream"] != str(PROCESS):
        return _decoded(input_["stream"], input_["version"], input_["topic"], input_["state"])
    if process is None:
        return None
    return _decoded(input_["stream"], process.version + 1, input_["topic"], input_["state"])


@cache
def _decoded(stream: str, version: int, topic: str, state: str) -> Event:
    return MAPPER.to_domain_event(StoredEvent(UUID(stream), version, topic, state.encode()))


def _words(own: StoredEvent) -> list[str]:
    state = in_recorded_words(own.state.decode())
    if own.topic == ProcessStarted.TOPIC:
        return [own.topic, _without_definition(state)]
    return [own.topic, _without_kind(state) if own.topic == CaseOpened.TOPIC else state]


def _without_definition(state: str) -> str:
    """A beginning as it was recorded before it said its definition, in version 1."""
    return re.sub(r',"definition":1}$', "}", re.sub(r'^{"class_version":\d+,', "{", state))


_OF_DISPUTES = ',"about":null,"amount":null,"answer_by":null'
"""What a case says only of a dispute."""


def _without_kind(state: str) -> str:
    """A case as it was recorded before it had a kind, in version 2."""
    older = state.replace('"class_version":3,', '"class_version":2,').replace(_OF_DISPUTES, "")
    return re.sub(r'"kind":"[a-z_]+",', "", older)


def in_recorded_words(state: str) -> str:
    """Texts for people may be worded anew: what has to stay is that the same one is said."""
    return state.replace("shipment of an order", "parcel of an order").replace("a shipment booked", "a parcel booked")


def _commands(commands: Sequence[OrderCommand]) -> list[list[str]]:
    return [[_COMMANDS[type(command)], *map(_text, asdict(command).values())] for command in commands]


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
