"""What the desks of both parties have alike: the party under test, asked by the gateway itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from uuid import UUID, uuid4

from commerce.outside.errors import RequestRejected
from commerce.outside.party import RequestOnRecord
from commerce.payments.ports import Declined, PaymentRejected
from commerce.saga.step_definition import Differed
from commerce.shipping.ports import BookingRejected
from workers.gateways.conformance.exchange import Mismatch, RecordingCaller, answer_or_rejection
from workers.gateways.conformance.terms import Terms
from workers.gateways.http_gateway import HttpGateway, Outcome

T = TypeVar("T")


class PartyDesk(HttpGateway[Outcome]):
    """What the checks ask of a party; each raises `Mismatch` where the answer is not the right one."""

    def __init__(self, url: str, terms: Terms) -> None:
        """Raises `BadUsage` for an address that is not HTTP."""
        super().__init__(url, RecordingCaller)
        self.url = url
        self.terms = terms

    @property
    def caller(self) -> RecordingCaller:
        """The calls that were made."""
        assert isinstance(self._caller, RecordingCaller)
        return self._caller

    async def _done(
        self,
        call: Callable[[], Awaitable[Outcome]],
        wanted: type[T],
        right: str,
        compare: Callable[[Outcome], Differed | None],
    ) -> T:
        """The success that a call comes to, which does not differ from what was asked."""
        outcome = await answer_or_rejection(call, right)
        differs = None if isinstance(outcome, RequestRejected | BookingRejected) else compare(outcome)
        if differs is not None:
            raise Mismatch(f"{right}; we asked for {differs.asked}, and it says that it {differs.answered}")
        if not isinstance(outcome, wanted):
            raise Mismatch(right)
        return outcome

    async def posted(self, path: str, body: Mapping[str, object]) -> Outcome:
        """What a body that the gateway itself would not send comes to."""
        return self._outcome(await self._caller.post(path, uuid4(), body))

    async def found(self, key: UUID, expected: Outcome | None) -> None:
        """See that what is found under a key is what was answered; None where nothing was."""
        request = RequestOnRecord(key, "any")
        right = "200 with the status_code and the answer that were given under this key"
        if expected is None:
            right = '404 with "code": "operation_not_found"'
        if await answer_or_rejection(lambda: self.find_operation(request), right) != expected:
            raise Mismatch(right)


async def forbidden(call: Callable[[], Awaitable[object]], code: str) -> None:
    """See that the party's rules forbid it, by the protocol's own code. Raises `Mismatch`."""
    right = f'4xx with "code": "{code}"'
    outcome = await answer_or_rejection(call, right)
    if not isinstance(outcome, PaymentRejected | BookingRejected) or outcome.reason != code:
        raise Mismatch(right)


async def not_done(call: Callable[[], Awaitable[object]], why: str) -> None:
    """See that nothing was done, and that the answer says so for certain. Raises `Mismatch`."""
    right = f'4xx with "code" and "detail": {why}'
    outcome = await answer_or_rejection(call, right)
    if not isinstance(outcome, RequestRejected | PaymentRejected | Declined | BookingRejected):
        raise Mismatch(right)
