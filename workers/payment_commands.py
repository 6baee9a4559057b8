"""Carries out commands about payments: the stream is read first, the provider is called once an attempt is on
record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, assert_never
from uuid import UUID

import structlog

from commerce.eventstore import Event, EventStore, Metadata
from commerce.payments import payment as payments
from commerce.payments.errors import PaymentNotOpen
from commerce.payments.events import (
    AuthorizationAttempted,
    CaptureAttempted,
    PaymentCallPostponed,
    RefundAttempted,
    VoidAttempted,
)
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus
from commerce.payments.undo import AskProvider, ClosePayment, PaymentUndone, Refund, Void, undo
from commerce.saga.events import AuthorizationRequested, CaptureRequested, RefundRequested, VoidRequested
from commerce.values import ids
from commerce.values.errors import Unavailable
from workers.gateways.calls import Postponed, RequestRejected
from workers.gateways.payment_comparison import asked_of, payment_difference, payment_of_another_order
from workers.gateways.provider import (
    CALL_TIMEOUT_S,
    Authorized,
    Captured,
    Declined,
    Outcome,
    PaymentProvider,
    PaymentRejected,
    ProviderUnavailable,
    Refunded,
    Voided,
)
from workers.outbox.messages import Command
from workers.runtime.retries import (
    CREDENTIAL_PAUSE_S,
    KEY_WINDOW,
    LONGEST_PAUSE_S,
    MOST_ATTEMPTS,
    TryAgain,
    growing,
    in_flight,
)
from workers.runtime.stream_session import StreamSession

_MOST_UNDO_STEPS = 8
_IN_FLIGHT = in_flight(CALL_TIMEOUT_S)
_ATTEMPTS = (AuthorizationAttempted, CaptureAttempted, VoidAttempted, RefundAttempted)
_REQUESTS: Mapping[PaymentOperation, type[Event]] = {
    PaymentOperation.AUTHORIZE: AuthorizationRequested,
    PaymentOperation.CAPTURE: CaptureRequested,
    PaymentOperation.VOID: VoidRequested,
    PaymentOperation.REFUND: RefundRequested,
}
"""The event that the process asks for each operation with."""

_OTHER_REQUEST = frozenset({"idempotency_key_reused"})
"""A rejection that says nothing of what became of the request that the key stands for."""

_ACTOR = Metadata("service:payments")
_log = structlog.stdlib.get_logger(__name__)

PaymentSession = StreamSession[Payment]


@dataclass(frozen=True, slots=True)
class PaymentCommand:
    """A request to undo: void or refund, whatever turns out to be needed."""

    operation: PaymentOperation
    request_id: UUID

    def key(self, operation: PaymentOperation) -> UUID:
        """The idempotency key of one operation: the request's id for what it asks for, one of its own for
        anything else."""
        return self.request_id if operation is self.operation else ids.request_id(self.request_id, operation)


class UndoRefused(Exception):
    """The provider's rules forbid to give back what it holds."""


class AnswerDiffers(Exception):
    """What the provider says that it did is not what it was asked, and leaves nothing that could be undone next."""


class PaymentCommands:
    """What the payments worker does with a command; safe to repeat, in any process."""

    def __init__(self, store: EventStore, provider: PaymentProvider) -> None:
        self._store = store
        self._provider = provider

    async def handle(self, operation: PaymentOperation, command: Command) -> None:
        """Carry a command out to its outcome. Raises `TryAgain`, `Unavailable`, `CommerceError` where a person
        has to look."""
        session = PaymentSession(self._store, ids.payment_id(command.order_id), payments.fold, command, _ACTOR)
        await session.read(_REQUESTS[operation])
        if session.requested is None:
            _log.warning(
                "a command that the log does not know", operation=operation, request_id=str(command.request_id)
            )
            return
        try:
            if session.waits_for_credential():
                await self._check_credential(command.request_id)
            await self._handle(operation, session)
        except Postponed as error:
            await session.arrived()
            pause_s = CREDENTIAL_PAUSE_S if error.cause == "credential_refused" else error.pause_s
            raise TryAgain(str(error), pause_s, is_put_off=True) from None

    async def _check_credential(self, request: UUID) -> None:
        """Ask for something that changes nothing, so that no further call is put on record in vain. Raises
        `Postponed`."""
        with suppress(ProviderUnavailable):
            await self._provider.find_operation(request)

    async def _handle(self, operation: PaymentOperation, session: PaymentSession) -> None:
        match operation:
            case PaymentOperation.AUTHORIZE:
                await self._forward(session, operation, self._authorize)
            case PaymentOperation.CAPTURE:
                await self._forward(session, operation, self._capture)
            case PaymentOperation.VOID | PaymentOperation.REFUND:
                await self._undo(session, PaymentCommand(operation, session.command.request_id))
            case _:
                assert_never(operation)

    async def _forward(
        self,
        session: PaymentSession,
        operation: Literal[PaymentOperation.AUTHORIZE, PaymentOperation.CAPTURE],
        carry_out: Callable[[PaymentSession], Awaitable[None]],
    ) -> None:
        """Authorise or capture; once there is an outcome, or an undo has taken over, only what is in doubt is
        asked about."""
        request = session.command.request_id
        if session.state is None or request not in session.state.answered:
            with suppress(PaymentNotOpen):
                await carry_out(session)
                return
        if session.is_doubtful(_ATTEMPTS, request, is_answered=request in _known(session).answered):
            await self._ask_again(session, operation)

    async def _authorize(self, session: PaymentSession) -> None:
        asked, request = session.requested, session.command.request_id
        assert isinstance(asked, AuthorizationRequested)
        events = payments.attempt_authorization(
            session.state, asked.order_id, request, asked.amount, asked.payment_method
        )

        async def call() -> Outcome:
            return await self._provider.authorize(request, asked.order_id, asked.amount, asked.payment_method)

        outcome = await self._attempt(session, PaymentOperation.AUTHORIZE, events, call)
        if await _differs(session, PaymentOperation.AUTHORIZE, outcome):
            return
        match outcome:
            case Authorized(authorization_id):
                await session.settle(lambda payment: payments.authorized(payment, request, authorization_id))
            case Declined(reason):
                await session.settle(lambda payment: payments.declined(payment, request, reason))
            case _:
                await session.settle(lambda payment: payments.outcome_unknown(payment, request))

    async def _capture(self, session: PaymentSession) -> None:
        asked, request, payment = session.requested, session.command.request_id, session.state
        assert isinstance(asked, CaptureRequested)
        if payment is None:
            raise TryAgain("nothing is authorised yet")
        events = payments.attempt_capture(payment, request, asked.amount)
        authorization_id = payment.authorization_id
        assert authorization_id is not None  # or there could be no attempt

        async def call() -> Outcome:
            return await self._provider.capture(request, authorization_id, asked.amount)

        outcome = await self._attempt(session, PaymentOperation.CAPTURE, events, call)
        if await _differs(session, PaymentOperation.CAPTURE, outcome):
            return
        match outcome:
            case Captured():
                await session.settle(lambda payment: payments.captured(payment, request))
            case PaymentRejected(reason) if reason != "already_captured":  # which one of our calls may have done
                await session.settle(lambda payment: payments.capture_refused(payment, request, reason))
            case _:
                await session.settle(lambda payment: payments.outcome_unknown(payment, request))

    async def _attempt(
        self,
        session: PaymentSession,
        operation: PaymentOperation,
        events: Sequence[Event],
        call: Callable[[], Awaitable[Outcome]],
    ) -> Outcome | None:
        """Put an attempt on record, then call; None where no call will tell the outcome any more. Raises `TryAgain`."""
        request = session.command.request_id
        put_off = session.count(PaymentCallPostponed, request)
        if session.state is not None and session.state.attempts(operation, request) - put_off >= MOST_ATTEMPTS:
            return None
        first, _ = await session.age(_ATTEMPTS, request)
        if first > KEY_WINDOW:
            return await self._provider.find_operation(request)
        await session.append(events)
        attempts = _known(session).attempts(operation, request) - put_off
        try:
            return await call()
        except Postponed as error:
            await _put_off(session, operation, request, error.cause, str(error))
            raise
        except ProviderUnavailable as error:
            await _note(session, operation, request, str(error))
            if attempts >= MOST_ATTEMPTS:
                _log.warning("no outcome after the last attempt", request_id=str(request), reason=str(error))
                return None
            raise TryAgain(str(error), growing(attempts)) from None
        except RequestRejected as error:
            _log.error("the provider rejects a request", request_id=str(request), code=error.code)
            if operation is PaymentOperation.CAPTURE and error.code not in _OTHER_REQUEST:
                return PaymentRejected(error.code, str(error))
            await _note(session, operation, request, f"the payment provider rejects the request ({error.code})")
            return None

    async def _ask_again(
        self, session: PaymentSession, operation: Literal[PaymentOperation.AUTHORIZE, PaymentOperation.CAPTURE]
    ) -> None:
        """A call may have been handled though nobody heard so: what is found is put on record, and undone from
        there."""
        request, before = session.command.request_id, _known(session)
        found = await self._provider.find_operation(request)
        is_ours = found is not None and not payment_of_another_order(before.order_id, found)
        if is_ours and isinstance(found, Authorized) and before.authorization_id not in (None, found.authorization_id):
            await self._void_second(session, found)
            return
        if await _differs(session, operation, found):
            return
        match found:
            case Authorized(authorization_id):
                await session.settle(lambda payment: payments.found_authorized(payment, request, authorization_id))
            case Captured():
                await session.settle(lambda payment: payments.found_captured(payment, request))
        if operation is PaymentOperation.AUTHORIZE:
            await self._look_for_second(session)
        if _known(session).version > before.version:
            _log.warning("what nobody heard of was done all the same", operation=operation, request_id=str(request))

    async def _look_for_second(self, session: PaymentSession) -> None:
        """A provider that tells all that it set aside is asked that too: of a key it names one of two, or none."""
        request = session.command.request_id
        try:
            found = await self._provider.authorizations_under(request, session.command.order_id)
        except (Unavailable, RequestRejected):  # it does not tell, or not us
            return
        recorded = _known(session).authorization_id
        for second in found:
            if second.authorization_id != recorded:
                await self._void_second(session, second)

    async def _void_second(self, session: PaymentSession, second: Authorized) -> None:
        """One key, and money set aside twice: what is not on record is let go, under a key of its own. Raises
        `TryAgain`."""
        request, id_ = session.command.request_id, second.authorization_id
        await session.settle(lambda payment: payments.second_found(payment, request, id_, second.amount))
        if _known(session).seconds.get(id_, True):
            return
        _log.error("money was set aside twice for one request", request_id=str(request), authorization_id=id_)
        found: Outcome
        try:
            found = await self._provider.void(ids.request_id(request, f"void {id_}"), id_)
        except ProviderUnavailable as error:
            raise TryAgain(str(error)) from None
        except RequestRejected as error:
            found = PaymentRejected(error.code, str(error))
        match found:
            case Voided(authorization_id) if authorization_id == id_:
                await session.settle(lambda payment: payments.second_voided(payment, request, id_))
            case PaymentRejected(reason="already_voided"):
                await session.settle(lambda payment: payments.second_voided(payment, request, id_))
            case _:
                reason = (
                    found.reason if isinstance(found, PaymentRejected) else "its answer differs from what it was asked"
                )
                await session.settle(lambda payment: payments.second_kept(payment, request, id_, reason))

    async def _undo(self, session: PaymentSession, command: PaymentCommand) -> None:
        """Step by step, until nothing is left at the provider.

        Where the provider rejects, or its answer differs, a person has to look: the message is done, and the relay
        sends the request again now and then.
        """
        try:
            await self._undo_in_steps(session, command)
        except AnswerDiffers:
            await session.arrived()
        except UndoRefused as error:
            _log.error("an undo is refused", request_id=str(command.request_id), reason=str(error))
            operation = PaymentOperation.VOID if _known(session).captured is None else PaymentOperation.REFUND
            await _put_off(session, operation, command.request_id, "undo_refused", str(error))

    async def _undo_in_steps(self, session: PaymentSession, command: PaymentCommand) -> None:
        for _ in range(_MOST_UNDO_STEPS):
            if session.state is not None and command.request_id in session.state.answered:
                return
            step = undo(session.state)
            match step:
                case ClosePayment():
                    await self._close(session, command)
                case AskProvider():
                    await self._ask(session, command, step)
                case Void(authorization_id):
                    await self._void(session, command, authorization_id)
                case Refund():
                    await self._refund(session, command, step)
                case PaymentUndone():
                    await session.settle(lambda payment: payments.already_undone(payment, command.request_id))
                    return
        raise TryAgain("the undo takes more steps")

    async def _close(self, session: PaymentSession, command: PaymentCommand) -> None:
        """So that a later attempt conflicts; one that was faster makes the undo begin again."""
        await session.append(payments.close(session.state, session.command.order_id, command.request_id))

    async def _ask(self, session: PaymentSession, command: PaymentCommand, step: AskProvider) -> None:
        """An attempt has no known outcome: the provider knows it, once no call can be under way any more."""
        _, last = await session.age(_ATTEMPTS, step.request_id)
        found = await self._provider.find_operation(step.request_id)
        if await _differs(session, step.operation, found):
            if undo(session.state) == step:
                raise AnswerDiffers
            return
        match found:
            case Authorized(authorization_id):
                await session.settle(lambda payment: payments.authorized(payment, step.request_id, authorization_id))
                return
            case Captured():
                await session.settle(lambda payment: payments.captured(payment, step.request_id))
                return
            case None if last < _IN_FLIGHT and session.is_under_way(_ATTEMPTS, step.request_id):
                raise TryAgain("a call may be under way", (_IN_FLIGHT - last).total_seconds())
            case None if _known(session).status is PaymentStatus.DIFFERED:
                raise AnswerDiffers  # it said before that it did something, and knows nothing of it now
        if step.operation is PaymentOperation.AUTHORIZE:
            await self._close(session, command)
        else:
            await session.append(payments.attempt_void(_known(session), command.request_id))

    async def _void(self, session: PaymentSession, command: PaymentCommand, authorization_id: str) -> None:
        attempt = payments.attempt_void(_known(session), command.request_id)
        found = await self._call(
            session, command, PaymentOperation.VOID, attempt, lambda key: self._provider.void(key, authorization_id)
        )
        if await _differs(session, PaymentOperation.VOID, found):
            if undo(session.state) == Void(authorization_id):
                raise AnswerDiffers
            return
        match found:
            case Voided() | PaymentRejected(reason="already_voided"):
                await session.settle(lambda payment: payments.voided(payment, command.request_id))
            case PaymentRejected(reason="already_captured"):
                await self._find_capture(session)
            case PaymentRejected(reason):
                raise UndoRefused(f"the payment provider does not let the money go: {reason}")
            case _:
                raise TryAgain(f"the provider does not void: {found}", LONGEST_PAUSE_S)

    async def _find_capture(self, session: PaymentSession) -> None:
        """The provider says that the money was taken: that was one of our attempts."""
        attempt = _known(session).attempted.get(PaymentOperation.CAPTURE)
        found = await self._provider.find_operation(attempt.request_id) if attempt else None
        if attempt is not None and await _differs(session, PaymentOperation.CAPTURE, found):
            if _known(session).captured is None:
                raise AnswerDiffers
            return
        if attempt is None or not isinstance(found, Captured):
            raise TryAgain("captured by nobody that we know", LONGEST_PAUSE_S)
        await session.settle(lambda payment: payments.captured(payment, attempt.request_id))

    async def _refund(self, session: PaymentSession, command: PaymentCommand, step: Refund) -> None:
        attempt = payments.attempt_refund(_known(session), command.request_id, step.amount)
        found = await self._call(
            session,
            command,
            PaymentOperation.REFUND,
            attempt,
            lambda key: self._provider.refund(key, step.authorization_id, step.amount),
        )
        if await _differs(session, PaymentOperation.REFUND, found):
            raise AnswerDiffers
        if isinstance(found, PaymentRejected):
            raise UndoRefused(f"the payment provider does not give the money back: {found.reason}")
        if not isinstance(found, Refunded):
            raise TryAgain(f"the provider does not refund: {found}", LONGEST_PAUSE_S)
        await session.settle(lambda payment: payments.refunded(payment, command.request_id))

    async def _call(
        self,
        session: PaymentSession,
        command: PaymentCommand,
        operation: PaymentOperation,
        attempt: Sequence[Event],
        call: Callable[[UUID], Awaitable[Outcome]],
    ) -> Outcome | None:
        """Put an attempt to undo on record, then call. It is tried without end: raises `TryAgain` where no answer
        was had."""
        key = command.key(operation)
        first, _ = await session.age(_ATTEMPTS, command.request_id)
        if first > KEY_WINDOW:
            return await self._provider.find_operation(key)
        await session.append(attempt)
        try:
            return await call(key)
        except Postponed as error:
            await _put_off(session, operation, command.request_id, error.cause, str(error))
            raise
        except RequestRejected as error:
            return PaymentRejected(error.code, str(error))
        except ProviderUnavailable as error:
            await _note(session, operation, command.request_id, str(error))
            attempts = _known(session).attempts(operation, command.request_id)
            raise TryAgain(str(error), growing(attempts)) from None


async def _differs(session: PaymentSession, operation: PaymentOperation, outcome: Outcome | None) -> bool:
    """Whether an answer is about something else than was asked; that is put on record, and is no success."""
    payment = _known(session) if outcome is not None else None
    if payment is None or operation not in payment.attempted:
        return False
    found = payment_difference(asked_of(payment, operation), outcome)
    if found is None:
        return False
    request = payment.attempted[operation].request_id
    if payments.answer_differed(payment, request, found):
        _log.error("an answer differs", request_id=str(request), asked=found.asked, answered=found.answered)
    await session.settle(lambda payment: payments.answer_differed(payment, request, found))
    return True


async def _put_off(
    session: PaymentSession,
    operation: PaymentOperation,
    request_id: UUID,
    cause: Literal["credential_refused", "busy", "undo_refused"],
    detail: str,
) -> None:
    """Put on record that the provider does not do it now, so that the call counts for nothing."""
    await session.settle(lambda payment: payments.call_postponed(payment, operation, request_id, cause, detail))


async def _note(session: PaymentSession, operation: PaymentOperation, request_id: UUID, detail: str) -> None:
    """Put on record that a call told no outcome, for whoever asks later why it was called again."""
    await session.settle(lambda payment: payments.call_unanswered(payment, operation, request_id, detail))


def _known(session: PaymentSession) -> Payment:
    assert session.state is not None  # what was never attempted is closed, and nothing else
    return session.state
