"""The process by version: an order ends under the definition that it began with, whatever newer ones say.

`DEFINITIONS` has each one. A new version is a table of steps beside the old one: `docs/extending.md` says how it is
made. All else here derives from the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from commerce.eventstore import Event
from commerce.saga.step_definition import Occurrence, PartyTerms, Request, Step
from commerce.saga.steps import DISPATCH, PARTIAL_REFUND, REFUND_OUTCOMES, STEPS

_BESIDE_STEPS = (DISPATCH, PARTIAL_REFUND)


@dataclass(frozen=True)
class ProcessDefinition:
    """One version of the process: the steps that an order takes, in this order."""

    steps: tuple[Step, ...]

    def step_of(self, occurrence: Occurrence) -> Step:
        """The step itself, or the one that a request is for."""
        return self._by_name[occurrence.partition(":")[0]]

    def request_named(self, occurrence: Occurrence) -> Request:
        """The request of this name."""
        return self.requests[occurrence.partition(":")[0]]

    @cached_property
    def requests(self) -> Mapping[str, Request]:
        """All that is asked for, by name."""
        every = (*(request for step in self.steps for request in step.requests), *_BESIDE_STEPS)
        return {request.name: request for request in every}

    @cached_property
    def by_request(self) -> Mapping[str, Step]:
        """The step by the topic of the event that asks for it."""
        return {step.request.event.TOPIC: step for step in self.steps}

    @cached_property
    def by_undo_request(self) -> Mapping[str, Step]:
        """The step by the topic of the event that asks to undo it."""
        return {step.undo.event.TOPIC: step for step in self.steps}

    @cached_property
    def _by_name(self) -> Mapping[str, Step]:
        return {name: step for step in self.steps for name in (step.name, *(one.name for one in step.requests))}


DEFINITIONS: Mapping[int, ProcessDefinition] = MappingProxyType({1: ProcessDefinition(STEPS)})
"""Every version that a process in the log may have begun with; each stays as it is."""


def newest_definition() -> int:
    """The version that a process begins with."""
    return max(DEFINITIONS)


def definition_of(version: int) -> ProcessDefinition:
    """The definition that a process began with."""
    return DEFINITIONS[version]


EVERY_STEP = tuple(step for definition in DEFINITIONS.values() for step in definition.steps)
"""The steps of all versions; one that several versions share stands there several times."""
REQUESTS = tuple(
    dict.fromkeys(request for definition in DEFINITIONS.values() for request in definition.requests.values())
)
PARTIES: tuple[PartyTerms, ...] = tuple(dict.fromkeys(step.party for step in EVERY_STEP if step.party is not None))
ANSWERS: frozenset[type[Event]] = frozenset(
    (
        *(outcome for step in EVERY_STEP for outcome in step.outcomes),
        *(party.differed for party in PARTIES),
        *REFUND_OUTCOMES,
    )
)
"""The events that answer a request, and name it."""

_TOLD: Mapping[str, str] = {request.name: request.awaited for request in REQUESTS}


def told_request(occurrence: Occurrence) -> str:
    """What a request asks for, in words; as it is named where no such request is known any more."""
    return _TOLD.get(occurrence.partition(":")[0], occurrence)
