"""Handles the commands for payments: reads the stream, records an attempt, and only then calls the provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog

from commerce.eventstore import Event, EventStore, Metadata
from commerce.outside.breaker import Breakers, breakers_of
from commerce.outside.calls import PartyCalls
from commerce.outside.command_call import Call, CallEvents
from commerce.outside.errors import PersonNeeded, RequestRejected, TryAgain
from commerce.outside.retries import LONGEST_PAUSE_S
from commerce.outside.stream_session import Hint, RequestOf
from commerce.payments import customer_decisions, decisions
from commerce.payments import payment as payments
from commerce.payments.authorization_calls import AuthorizationCalls
from commerce.payments.customer_actions import CUSTOMER_TIME, CustomerActions
from commerce.payments.errors import PaymentNotOpen
from commerce.payments.events import PaymentCallPostponed, PaymentCallUnanswered
from commerce.payments.found_outcomes import PaymentSession, differs, settle_found
from commerce.payments.payment import (
    Authorize,
    Capture,
    PaymentOperation,
    PaymentRequest,
    PaymentStatus,
    RefundPart,
    UndoPayment,
)
from commerce.payments.ports import (
    PROVIDER,
    PROVIDER_CALLED,
    PROVIDER_CALLS,
    ActionRequired,
    Authorized,
    Captured,
    PaymentOutcome,
    PaymentProvider,
    PaymentRejected,
    Refunded,
    Voided,
)
from commerce.payments.refund_commands import OTHER_REQUEST, REFUND_PENDING_PAUSE_S, RefundCalls
from commerce.payments.second_authorizations import SecondAuthorizations
from commerce.payments.undo_plan import (
    AskProvider,
    AwaitRefund,
    ClosePayment,
    PaymentUndone,
    Refund,
    Void,
    next_undo_step,
)
from commerce.values import ids
from commerce.values.money import Money

_ACTOR = Metadata("service:payments")
_log = structlog.stdlib.get_logger(__name__)


class PaymentCommands:
    """What the payments worker does with a command; safe to repeat, in any process."""

    def __init__(
        self,
        store: EventStore,
        provider: PaymentProvider,
        request_of: RequestOf[PaymentRequest],
        breakers: Breakers | None = None,
        customer_time: timedelta = CUSTOMER_TIME,
    ) -> None:
        """`breakers` say how each `PaymentOperation` is called; without them, it is done by the usual rules.
        `customer_time` is how long a customer has where the provider wants them to act."""
        breakers = breakers or breakers_of(PROVIDER, PROVIDER_CALLED, PROVIDER_CALLS)
        self._store = store
        self._provider = provider
        self._request_of = request_of
        self._calls: PartyCalls[PaymentOutcome] = PartyCalls(
            "the payment provider", provider, breakers, CallEvents(PaymentCallUnanswered, PaymentCallPostponed)
        )
        self._seconds = SecondAuthorizations(provider, self._calls)
        self._refunds = RefundCalls(provider, self._calls)
        self._authorizations = AuthorizationCalls(provider, self._calls, CustomerActions(provider, customer_time))

    async def handle(self, operation: PaymentOperation, hint: Hint) -> None:
        """Handle what the log says was asked, until there is an outcome.

        Raises `TryAgain`, `Unavailable`, and `CommerceError` where a person has to look.
        """
        session = PaymentSession(self._store, ids.payment_id(hint.order_id), payments.fold, hint, _ACTOR)
        await self._calls.handle(session, operation, self._request_of, partial(self._handle, session))

    async def _handle(self, session: PaymentSession, request: PaymentRequest) -> None:
        match request:
            case UndoPayment():
                await self._calls.undo(session, partial(self._undo_step, session, request))
                return
            case RefundPart() if session.is_withdrawn and not session.is_answered:
                await self._refunds.end(session, request)
                return
            case RefundPart():
                await self._calls.undo(session, partial(self._refunds.refund, session, request))
                return
            case Authorize():
                go_on = partial(self._authorizations.authorize, session, request)
            case Capture():
                go_on = partial(self.capture, session, request)
        find_unheard = partial(self._find_unheard, session, request.operation)
        await self._calls.forward(session, PaymentNotOpen, go_on, find_unheard)

    async def capture(self, session: PaymentSession, request: Capture) -> None:
        """Have the money taken. Raises `TryAgain`, `PaymentNotOpen` once an undo has taken over."""
        id_, amount, payment = request.request_id, request.amount, session.state
        if payment is None:
            raise TryAgain("nothing is authorised yet")

        def attempt() -> Sequence[Event]:
            return decisions.capture(session.known, id_, amount)

        attempt()
        authorization_id = payment.authorization_id
        assert authorization_id is not None  # or there could be no attempt

        async def prepared() -> Call[PaymentOutcome]:
            return partial(self._call_capture, id_, authorization_id, amount)

        outcome = await self._calls.attempt(session, PaymentOperation.CAPTURE, attempt, prepared)
        if await differs(session, PaymentOperation.CAPTURE, outcome):
            return
        match outcome:
            case Captured():
                await session.settle(lambda payment: decisions.captured(payment, id_))
            case PaymentRejected(reason) if reason != "already_captured":  # which one of our calls may have done
                await session.settle(lambda payment: decisions.capture_refused(payment, id_, reason))
            case _:
                await session.settle(lambda payment: decisions.unknown(payment, id_))

    async def void(self, session: PaymentSession, request: UndoPayment, step: Void) -> None:
        """Have the money let go. Raises `TryAgain`, `PersonNeeded`."""
        key = request.key(PaymentOperation.VOID)

        def attempt() -> Sequence[Event]:
            return decisions.void(session.known, request.request_id)

        call = partial(self._provider.void, key, step.authorization_id)
        try:
            found = await self._calls.repeat(session, PaymentOperation.VOID, key, attempt, call)
        except RequestRejected as error:
            found = PaymentRejected(error.code, str(error))
        if await differs(session, PaymentOperation.VOID, found):
            if next_undo_step(session.state) == step:
                raise PersonNeeded
            return
        match found:
            case Voided() | PaymentRejected(reason="already_voided"):
                await session.settle(lambda payment: decisions.voided(payment, request.request_id))
            case PaymentRejected(reason="already_captured"):
                await self._find_capture(session)
            case PaymentRejected(reason):
                detail = f"the payment provider does not let the money go: {reason}"
                await self._calls.reject_undo(session, PaymentOperation.VOID, detail)
            case _:
                raise TryAgain(f"the provider does not void: {found}", LONGEST_PAUSE_S)

    async def refund(self, session: PaymentSession, request: UndoPayment, step: Refund) -> None:
        """Have the money given back. Raises `TryAgain`, `PersonNeeded`."""
        key = request.key(PaymentOperation.REFUND)

        def attempt() -> Sequence[Event]:
            return decisions.refund(session.known, request.request_id, step.amount)

        call = partial(self._provider.refund, key, step.authorization_id, step.amount)
        try:
            found = await self._calls.repeat(session, PaymentOperation.REFUND, key, attempt, call)
        except RequestRejected as error:
            found = PaymentRejected(error.code, str(error))
        if await differs(session, PaymentOperation.REFUND, found):
            raise PersonNeeded
        match found:
            case Refunded():
                await session.settle(lambda payment: decisions.refunded(payment, request.request_id))
            case PaymentRejected(reason):
                detail = f"the payment provider does not give the money back: {reason}"
                await self._calls.reject_undo(session, PaymentOperation.REFUND, detail)
            case _:
                raise TryAgain(f"the provider does not refund: {found}", LONGEST_PAUSE_S)

    async def _undo_step(self, session: PaymentSession, request: UndoPayment) -> bool:
        """Take the next step of an undo; answers whether nothing is left to do."""
        match next_undo_step(session.state):
            case ClosePayment():
                await _close(session)
            case AskProvider() as step:
                await self._find_outcome(session, step)
            case Void() as step:
                await self.void(session, request, step)
            case Refund() as step:
                await self.refund(session, request, step)
            case AwaitRefund():
                raise TryAgain("a refund has no outcome yet", REFUND_PENDING_PAUSE_S)
            case PaymentUndone():
                await session.settle(lambda payment: decisions.already_undone(payment, request.request_id))
                return True
        return False

    async def _call_capture(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """A capture that is wrong in itself took nothing, unless its key stands for another request."""
        try:
            return await self._provider.capture(key, authorization_id, amount)
        except RequestRejected as error:
            if error.code in OTHER_REQUEST:
                raise
            self._calls.log_rejection(key, error)
            return PaymentRejected(error.code, str(error))

    async def _find_unheard(self, session: PaymentSession, operation: PaymentOperation) -> None:
        """A call may have been handled though nobody heard so: what is found is put on record, and undone from
        there."""
        request_id, before = session.request_id, session.known
        found = await self._calls.find(session, operation, request_id)
        if isinstance(found, Authorized) and self._seconds.is_second(before, found):
            await self._seconds.void(session, found)
            return
        if await differs(session, operation, found):
            return
        await settle_found(session, request_id, found, overrules=True)
        if operation is PaymentOperation.AUTHORIZE:
            await self._seconds.void_all(session)
        if session.known.version > before.version:
            _log.warning("what nobody heard of was done all the same", operation=operation, request_id=str(request_id))

    async def _find_outcome(self, session: PaymentSession, step: AskProvider) -> None:
        """An attempt has no known outcome: the provider knows it, once no call can be under way any more."""
        found = await self._calls.ask(session, step.operation, step.request_id)
        if await differs(session, step.operation, found):
            if next_undo_step(session.state) == step:
                raise PersonNeeded
            return
        if await settle_found(session, step.request_id, found):
            return
        if isinstance(found, ActionRequired):
            id_ = found.authorization_id
            await session.settle(lambda payment: customer_decisions.found_waiting(payment, step.request_id, id_))
            return
        if found is None and session.known.status is PaymentStatus.DIFFERED:
            raise PersonNeeded  # it said before that it did something, and knows nothing of it now
        if step.operation is PaymentOperation.AUTHORIZE:
            if found is None:
                await self._calls.require_known(session, step.request_id)
            await _close(session)
        else:
            await session.append(decisions.void(session.known, session.request_id))

    async def _find_capture(self, session: PaymentSession) -> None:
        """The provider says that the money was taken: that was one of our attempts."""
        capture = PaymentOperation.CAPTURE
        attempt = session.known.attempted.get(capture)
        found = await self._calls.find(session, capture, attempt.request_id) if attempt else None
        if attempt is not None and await differs(session, capture, found):
            if session.known.captured is None:
                raise PersonNeeded
            return
        if attempt is None or not isinstance(found, Captured):
            raise TryAgain("captured by nobody that we know", LONGEST_PAUSE_S)
        await session.settle(lambda payment: decisions.captured(payment, attempt.request_id))


async def _close(session: PaymentSession) -> None:
    """So that a later attempt conflicts; one that was faster makes the undo begin again."""
    await session.append(decisions.close(session.state, session.order_id, session.request_id))
