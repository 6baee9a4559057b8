"""What the gateways to all parties have alike: calls over HTTP, watched, whose answers are read as outcomes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from types import TracebackType
from typing import ClassVar, Generic, Self, TypeVar
from uuid import UUID

from commerce.outside.errors import PartyUnavailable
from commerce.outside.ledger import LedgerPage
from commerce.outside.party import RequestOnRecord
from commerce.outside.policy import CallPolicy
from workers.gateways.call_watch import ASKING, CallWatch
from workers.gateways.http_caller import HttpCaller, Reply, path
from workers.gateways.http_ledger import ledger_query, read_ledger
from workers.gateways.party_text import cleaned_answer

Outcome = TypeVar("Outcome")
Item = TypeVar("Item")


class HttpGateway(ABC, Generic[Outcome]):
    """A party that is asked over HTTP; used as an async context manager, which closes its connections."""

    party: str
    """As in "the carrier"."""
    service: str
    """Which of our services calls."""
    policy: CallPolicy
    """How it is called where nobody sets it otherwise."""
    is_asked_by_key: ClassVar[bool] = True

    def __init__(
        self,
        url: str,
        caller: type[HttpCaller] = HttpCaller,
        watch: CallWatch | None = None,
        call_timeouts_s: Mapping[str, float] | None = None,
    ) -> None:
        """`watch` is told how the calls go; an answer to an operation is awaited for `call_timeouts_s`, and one to a
        question for the longest of them. Raises `BadUsage` for an address that is not HTTP."""
        self._call_timeouts_s = call_timeouts_s or {}
        longest_s = max(self._call_timeouts_s.values(), default=self.policy.timeout_s)
        self._caller = caller(url, self._unavailable, longest_s, self.service)
        self._watch = watch

    async def __aenter__(self) -> Self:
        await self._caller.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._caller.__aexit__(kind, error, trace)

    async def find_operation(self, request: RequestOnRecord) -> Outcome | None:
        """What happened under a key, see the party's port. Raises `PartyUnavailable`; it does nothing, so repeating is
        safe."""
        key = request.key
        with self._watched(ASKING):
            reply = await self._caller.get(path("v1", "operations", str(key)))
            match reply.body:
                case {"code": "operation_not_found"} if reply.status == 404:
                    return None
                case {"status_code": int(status), "answer": dict(answer), **found} if reply.status == 200:
                    is_of_another = found.get("idempotency_key", str(key)) != str(key)
                    return self._outcome(Reply(status, answer), found.get("operation"), is_of_another=is_of_another)
            raise self._unavailable("gave an answer that we do not understand")

    async def check_credential(self, request: RequestOnRecord) -> None:
        """See the party's port. Raises `PartyUnavailable`, `Postponed`."""
        await self.find_operation(request)

    async def _ledger_page(
        self, where: str, since: datetime, cursor: str | None, read: Callable[[Mapping[str, object]], Item | None]
    ) -> LedgerPage[Item] | None:
        """A page of what moved at the party since a time; None where it has no such path. Raises `PartyUnavailable`."""
        with self._watched(ASKING):
            reply = await self._caller.get(f"{where}?{ledger_query(since, cursor)}")
            if reply.status == 404:
                return None
            found = read_ledger(reply.body, cursor, read) if reply.status == 200 else None
            if found is None:
                raise self._unavailable("gave a ledger that we do not understand")
            return found

    async def _called(self, operation: str, where: str, key: UUID, body: Mapping[str, object]) -> Outcome:
        """The outcome of a call that has something done under a key."""
        with self._watched(operation):
            timeout_s = self._call_timeouts_s.get(operation)
            return self._outcome(await self._caller.post(where, key, body, timeout_s))

    def _outcome(self, reply: Reply, operation: object = None, *, is_of_another: bool = False) -> Outcome:
        if 200 <= reply.status < 300:
            outcome = self._success(reply.body, operation, is_of_another=is_of_another)
            if outcome is None:
                raise self._unavailable(f"gave an answer that we do not understand{_status_of(reply)}")
            return outcome
        if reply.status < 400:
            raise self._unavailable(f"answered {reply.status}: nobody is led elsewhere")
        rejection = self._rejection(reply, is_of_another=is_of_another)
        if rejection is None:
            raise self._caller.problem_without_code(reply)
        return rejection

    @abstractmethod
    def _success(self, body: Mapping[str, object], operation: object, *, is_of_another: bool) -> Outcome | None:
        """What an answer of 2xx says; None where it says nothing that we understand."""

    @abstractmethod
    def _rejection(self, reply: Reply, *, is_of_another: bool) -> Outcome | None:
        """What an answer of 4xx says; None where it does not say in words that we know that nothing was done."""

    def _watched(self, operation: str) -> AbstractContextManager[None]:
        return self._watch.call(operation) if self._watch is not None else nullcontext()

    def _unavailable(self, what: str) -> PartyUnavailable:
        return PartyUnavailable(f"{self.party} {what}")


def _status_of(reply: Reply) -> str:
    return f" ({cleaned_answer(reply.body['status'], 40)!r})" if "status" in reply.body else ""
