"""What operators do with an order's process: sealed, decided on the process as it is now, and done once for a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from pydantic_core import to_json

from api.auth import Caller
from api.context import context_of
from api.http.conditional_headers import expected_versions
from api.http.errors import PreconditionFailed
from api.http.idempotency import Outcome, answer_once, keyed_request
from api.schemas.fields import Body
from commerce.eventstore import Accepted, Idempotency, KeyExists, PersonKey
from commerce.saga.commands import change_process
from commerce.saga.events import ProcessEvent
from commerce.saga.process import Process
from commerce.values.errors import Unavailable

Decide = Callable[[Process, PersonKey], Sequence[ProcessEvent]]


@dataclass(frozen=True, slots=True)
class ProcessChange:
    """One request about an order's process; `key` seals what people write, `body` is what was sent, and `answer` what a
    repetition is told, too."""

    order_id: UUID
    key: PersonKey
    body: Body
    answer: dict[str, object]
    decide: Decide

    async def make(self, request: Request, caller: Caller) -> Outcome:
        """Decide and record, once for an `Idempotency-Key` where one is sent.

        Raises `PreconditionFailed`, what `decide` raises, `NotFound`, `Unavailable`.
        """
        context, versions = context_of(request), expected_versions(request)

        def decided(process: Process) -> Sequence[ProcessEvent]:
            require_version(process, versions)
            return self.decide(process, self.key)

        async def handle(idempotency: Idempotency | None) -> Accepted:
            try:
                return await change_process(
                    context.store,
                    self.order_id,
                    decided,
                    caller.metadata,
                    idempotency=idempotency,
                    keys=self.key.new,
                )
            except KeyExists:
                raise Unavailable("somebody else wrote about this order at the same time; try again") from None

        answer = to_json(self.answer)
        if "idempotency-key" in request.headers:
            return await answer_once(request, keyed_request(request, caller, self.body), answer, handle)
        return Outcome(answer, (await handle(None)).position)


def require_version(process: Process, versions: frozenset[int] | None) -> None:
    """Raises `PreconditionFailed` where the process is at none of the versions that `If-Match` names."""
    if versions is not None and process.version not in versions:
        raise PreconditionFailed(
            f"the process is at version {process.version}; see it again: GET {process_path(process.order_id)}",
            process.version,
        )


def process_path(order_id: UUID) -> str:
    """Where an order's process is seen."""
    return f"/api/v1/orders/{order_id}/process"
