"""Interventions: what an operator has an order's process do that it would not do now by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import ConfigDict
from pydantic.config import JsonDict

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.accepted_languages import told_answer, told_language
from api.http.conditional_headers import expected_versions
from api.http.preference import APPLIED, preferred
from api.http.resource import Answer, Resource
from api.openapi.headers import ACCEPT_LANGUAGE, KEY_IF_WANTED, PREFER, PROCESS_IF_MATCH, TOLD
from api.orders.person_key import key_of_order
from api.orders.process_change import ProcessChange, require_version
from api.queries.access_records import record_access
from api.queries.consistency import HEADER, write_position
from api.routers.orders import order_of_caller
from api.schemas.answers import command_answer
from api.schemas.fields import Body, Code, Text
from commerce.audit.filled_sentences import filled_sentence
from commerce.audit.items import named_items, sentence
from commerce.audit.languages import ToldLanguage
from commerce.eventstore import Event, Sealed
from commerce.ordering.order import fold as fold_order
from commerce.saga.commands import begun, preview
from commerce.saga.intervention_events import Intervened, Intervention
from commerce.saga.interventions import intervene
from commerce.saga.request_events import Requested
from commerce.saga.subscription import ACTOR
from commerce.values import ids

router = Resource("/api/v1/ops/processes", "operation")

_ORDER = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"


class GiveUp(Body):
    """Why an operator gives an order up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "it was placed twice"}]})

    reason: Text
    """Why; it is encrypted like a customer's data."""


class Intervene(Body):
    """Why an operator intervenes, and in what."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the provider works again"}]})

    reason: Text
    """Why; it is encrypted like a customer's data."""
    request: Code | None = None
    """Which request, where the process waits for several; the answer that refuses it names them."""


@dataclass(frozen=True, slots=True)
class InterventionRecorded:
    """The intervention is on record; the process manager acts on it at once."""

    order_id: UUID
    """The order."""
    action: Intervention
    """What the process is to do."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class PreviewedEvent:
    """An event that would be recorded."""

    topic: str
    """What kind of event it is."""
    text: str
    """The event in plain words."""


@dataclass(frozen=True, slots=True)
class InterventionPreview:
    """What an intervention would lead to at once, of which nothing is recorded; or what it has led to."""

    order_id: UUID
    """The order."""
    action: Intervention
    """What the process would do, or does."""
    version: int
    """The version of the process that it was decided on, or has now; the `ETag` in `If-Match`."""
    recorded: list[PreviewedEvent]
    """What would be recorded, or was, in this order."""
    asked: list[str]
    """What would be asked of other parts, or was, in plain words."""


_RECORDED: JsonDict = {"order_id": _ORDER, "action": "retry", "position": 4711}
_PREVIEW: JsonDict = {
    "order_id": _ORDER,
    "action": "retry",
    "version": 17,
    "recorded": [
        {
            "topic": "saga.Intervened",
            "text": "Operator anna intervened, to ask once more for the payment to be let go: the provider works again",
        },
        {
            "topic": "saga.VoidRequested",
            "text": "Compensation: payments is asked to let go of the money set aside",
        },
    ],
    "asked": ["Compensation: payments is asked to let go of the money set aside"],
}
_ANSWERS = (
    Answer(InterventionRecorded, 202, _RECORDED, (HEADER, APPLIED)),
    Answer(
        InterventionPreview,
        200,
        _PREVIEW,
        ("ETag", HEADER, APPLIED, *TOLD),
        "With `dry_run=true`, what it would lead to. With `Prefer: wait`, what it led to, once nobody is asked anything"
        " any more.",
    ),
)
_PROBLEMS = (400, 404, 409, 412)
_READS = (KEY_IF_WANTED, PROCESS_IF_MATCH, PREFER, ACCEPT_LANGUAGE)

DryRun = Annotated[bool, Query(description="Only say what would be recorded and asked.")]


@router.command("POST", "/{order_id}/retry", *_ANSWERS, problems=_PROBLEMS, reads=_READS)
async def retry_process(
    order_id: UUID, wanted: Intervene, request: Request, caller: Admitted, *, dry_run: DryRun = False
) -> Response:
    """Have a process ask at once, and once more, for what it waits for, under the same idempotency key."""
    return await _Asked(order_id, "retry", wanted, wanted.request).answer(request, caller, dry_run=dry_run)


@router.command("POST", "/{order_id}/compensate", *_ANSWERS, problems=_PROBLEMS, reads=_READS)
async def compensate_process(
    order_id: UUID, wanted: GiveUp, request: Request, caller: Admitted, *, dry_run: DryRun = False
) -> Response:
    """Give up an order that is not confirmed yet: what was done is undone, and it ends rejected (`given_up`)."""
    return await _Asked(order_id, "compensate", wanted).answer(request, caller, dry_run=dry_run)


@router.command("POST", "/{order_id}/skip", *_ANSWERS, problems=_PROBLEMS, reads=_READS)
async def skip_process(
    order_id: UUID, wanted: Intervene, request: Request, caller: Admitted, *, dry_run: DryRun = False
) -> Response:
    """Take an undo that payments or shipping is asked for as done, because a person did it by hand; or end a refund
    that has no outcome.

    It is not asked for any more, and the process goes on. A step that is found done after all becomes a case; a refund
    that the provider has made counts as made.
    """
    return await _Asked(order_id, "skip", wanted, wanted.request).answer(request, caller, dry_run=dry_run)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One intervention as it was asked for."""

    order_id: UUID
    action: Intervention
    body: Intervene | GiveUp
    request: str | None = None

    async def answer(self, request: Request, caller: Caller, *, dry_run: bool) -> Response:
        """Record it, or only say what it would lead to."""
        order = await order_of_caller(request, caller, self.order_id)
        if dry_run:
            return await self._previewed(request, caller)
        change = ProcessChange(
            self.order_id,
            await key_of_order(context_of(request).store, order),
            self.body,
            {"order_id": self.order_id, "action": self.action},
            lambda process, key: intervene(process, self.action, key.seal(self.body.reason), self.request),
        )
        outcome = await change.make(request, caller)
        completions, about = context_of(request).completions, dict[str, str]()

        async def led_to() -> tuple[InterventionPreview, int] | None:
            return await self._led_to(request, outcome.position)

        found = await preferred(request, about, lambda seconds: completions.until(self.order_id, led_to, seconds))
        if found is None:
            return command_answer(202, outcome.answer, outcome.position, about)
        await record_access(request, caller, [self.order_id])
        shown, position = found
        named = {**about, "ETag": f'"{shown.version}"', HEADER: write_position(position)}
        return told_answer(shown, told_language(request), named)

    async def _led_to(self, request: Request, position: int) -> tuple[InterventionPreview, int] | None:
        """What was recorded since the intervention, once the process asks nobody anything, and the last position."""
        store, process_id = context_of(request).store, ids.process_id(self.order_id)
        history = (await store.read_together([process_id]))[process_id]
        process = begun(self.order_id, (recorded.event for recorded in history))
        since = [recorded for recorded in history if recorded.position >= position]
        if len(since) == 1 or process.awaits is not None or process.open_refunds or process.late:
            return None
        items = await named_items(store, since, told_language(request))
        asked = [
            item.text for item, recorded in zip(items, since, strict=True) if isinstance(recorded.event, Requested)
        ]
        told = [PreviewedEvent(item.topic, item.text) for item in items]
        shown = InterventionPreview(self.order_id, self.action, process.version, told, asked)
        return shown, since[-1].position

    async def _previewed(self, request: Request, caller: Caller) -> Response:
        context, process_id = context_of(request), ids.process_id(self.order_id)
        found = await context.store.read_together([self.order_id, process_id])
        process = begun(self.order_id, (recorded.event for recorded in found[process_id]))
        require_version(process, expected_versions(request))
        order = fold_order(recorded.event for recorded in found[self.order_id])
        (event,) = intervene(process, self.action, Sealed(self.body.reason), self.request)
        events = preview(process, order, event, datetime.now(UTC), context.limits)
        language = told_language(request)
        shown = InterventionPreview(
            self.order_id,
            self.action,
            process.version,
            [PreviewedEvent(one.TOPIC, _told(one, caller, language)) for one in events],
            [_told(one, caller, language) for one in events if isinstance(one, Requested)],
        )
        return told_answer(shown, language, {"ETag": f'"{process.version}"'})


def _told(event: Event, caller: Caller, language: ToldLanguage) -> str:
    actor = caller.identity.actor if isinstance(event, Intervened) else ACTOR.actor
    return sentence(filled_sentence(event, actor, language=language))
