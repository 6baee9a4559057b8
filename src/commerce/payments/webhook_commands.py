"""Records what the provider sends word of, and then asks it what is so; what it sends is never taken for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from commerce.eventstore import Append, EventStore, Metadata, Recorded, connection_from, in_stream
from commerce.outside.errors import Postponed, RequestRejected, TryAgain
from commerce.outside.party import RequestOnRecord
from commerce.outside.retries import CREDENTIAL_PAUSE_S, LONGEST_PAUSE_S
from commerce.outside.stream_session import Hint
from commerce.payments import decisions
from commerce.payments import payment as payments
from commerce.payments.customer_actions import CUSTOMER_TIME, CustomerActions
from commerce.payments.found_outcomes import PaymentSession, differs, settle_found
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus
from commerce.payments.ports import PaymentAtProvider, PaymentOutcome, PaymentProvider, Refunded, Voided
from commerce.payments.webhook import Webhook, WebhookMessage, fold, is_on_record, of_no_order, unexplained
from commerce.payments.webhook_events import UnknownPaymentTold, WebhookHandled, WebhookOutcome, WebhookUnexplained
from commerce.values import ids
from commerce.values.errors import StaleVersion
from commerce.values.ids import read_id

_MOST_ROUNDS = 3
"""How often the provider is asked anew, as what it said was news."""

_UNDER_WAY_PAUSE_S = 2.0
_UNDER_WAY_LIMIT = timedelta(minutes=15)
"""While our own call may be under way, a message comes again after this pause, up to this long after it was sent."""

_IS_OVER = "SELECT clock_timestamp() - %s > %s"
_ACTOR = Metadata("service:payments")
_log = structlog.stdlib.get_logger(__name__)


async def receive(store: EventStore, message: WebhookMessage) -> bool:
    """Put a message on record; answers whether it is the first of its id. Raises `Unavailable`."""
    events = in_stream([message.received()], message.stream, after=0)
    try:
        await store.append(Append(events, message.order_id, Metadata(f"provider:{message.provider}")))
    except StaleVersion:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _About:
    """What a message is about, as the session of a payment wants to know it."""

    order_id: UUID
    request_id: UUID


class WebhookCommands:
    """What the payments worker does with a message on record; safe to repeat, in any process."""

    def __init__(self, store: EventStore, provider: PaymentProvider, customer_time: timedelta = CUSTOMER_TIME) -> None:
        """`customer_time` is how long a customer has where the provider wants them to act."""
        self._store = store
        self._provider = provider
        self._customers = CustomerActions(provider, customer_time)

    async def handle(self, hint: Hint) -> None:
        """Ask the provider what became of the authorisation, and record what is new, until that is done.

        Raises `TryAgain`, `Unavailable`.
        """
        stream = hint.request_id
        history = (await self._store.read_together([stream]))[stream]
        webhook = fold(recorded.event for recorded in history)
        if webhook is None:
            _log.warning("a message of the provider that the log does not know", request_id=str(stream))
            return
        if webhook.is_handled:
            return
        try:
            outcome = await self._handled(webhook, history[0])
        except Postponed as error:
            pause_s = CREDENTIAL_PAUSE_S if error.cause == "credential_refused" else error.pause_s
            raise TryAgain(str(error), pause_s, is_put_off=True) from None
        except RequestRejected as error:
            raise TryAgain(str(error), LONGEST_PAUSE_S) from None
        await self._conclude(webhook, outcome, history[0].position)

    async def _handled(self, webhook: Webhook, received: Recorded) -> WebhookOutcome:
        id_ = webhook.authorization_id
        order_id = webhook.order_id or _order_of(await self._provider.find_payment(id_))
        if order_id is None or not await self._is_order(order_id):
            return of_no_order(webhook, await self._provider.find_payment(id_))
        session = PaymentSession(
            self._store, ids.payment_id(order_id), payments.fold, _About(order_id, webhook.id), _ACTOR
        )
        is_new = False
        for _ in range(_MOST_ROUNDS):
            await session.load(received.position)
            if session.state is None:
                return _unexplained(webhook, order_id, f"it tells of the authorisation {id_}, and nobody asked for one")
            before = session.known.version
            found = await self._provider.find_payment(id_)
            is_open = await self._settle(session)
            if found is not None and found.disputes and is_on_record(session.known, id_):
                await _settle_disputes(session, found)
            if session.known.version == before:
                return await self._concluded(webhook, session, found, received, is_open=is_open, is_new=is_new)
            is_new = True
        raise TryAgain("the payment goes on moving", _UNDER_WAY_PAUSE_S)

    async def _is_order(self, id_: UUID) -> bool:
        """Whether an order of ours has this id; its events name themselves as what they belong to."""
        history = (await self._store.read_together([id_]))[id_]
        return bool(history) and history[0].correlation_id == id_

    async def _concluded(
        self,
        webhook: Webhook,
        session: PaymentSession,
        found: PaymentAtProvider | None,
        received: Recorded,
        *,
        is_open: bool,
        is_new: bool,
    ) -> WebhookOutcome:
        """What there is to say once all that can be known is on record. Raises `TryAgain` while a call of ours, whose
        answer is not on record yet, may explain it."""
        id_, payment = webhook.authorization_id, session.known
        if is_open and not is_on_record(payment, id_) and not await self._is_over(received):
            raise TryAgain("our own call may be under way", _UNDER_WAY_PAUSE_S)
        is_explained = is_open and is_on_record(payment, id_)
        problem = None if is_explained else unexplained(payment, id_, found)
        if problem is not None:
            await session.load(received.position)
            if session.known.version != payment.version:
                raise TryAgain("the payment moved meanwhile", _UNDER_WAY_PAUSE_S)
            return _unexplained(webhook, session.order_id, problem)
        return WebhookHandled(
            order_id=session.order_id,
            request_id=webhook.id,
            authorization_id=id_,
            found="news, now on record" if is_new else "nothing new",
        )

    async def _settle(self, session: PaymentSession) -> bool:
        """Ask for each request of the payment that has no outcome, and put on record what was done; answers whether
        one still has none.

        That something was declined is left to our own call, which then sees to it that it cannot be done later.
        """
        is_open = False
        for operation, request_id in _open_requests(session.known).items():
            if session.known.status is PaymentStatus.ACTION_REQUIRED:
                await self._customers.look(session)
                is_open |= session.known.status is PaymentStatus.ACTION_REQUIRED
                continue
            found = await self._find(session.known, operation, request_id)
            if await differs(session, operation, found):
                continue
            is_open |= not await _settle(session, operation, request_id, found)
        return is_open

    async def _find(self, payment: Payment, operation: PaymentOperation, request_id: UUID) -> PaymentOutcome | None:
        keys = [payment.key_of(operation, request_id)]
        if operation in (PaymentOperation.VOID, PaymentOperation.REFUND):  # the key of what turned out to be needed
            keys.append(ids.request_id(request_id, operation))
        for key in keys:
            found = await self._provider.find_operation(RequestOnRecord(key, operation, payment.party_id))
            if found is not None:
                return found
        return None

    async def _is_over(self, received: Recorded) -> bool:
        """Whether no call of ours can be under way any more that was when the message came, by the database's clock."""
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute(_IS_OVER, [received.recorded_at, _UNDER_WAY_LIMIT])
            row = await cursor.fetchone()
        return row is not None and row[0] is True

    async def _conclude(self, webhook: Webhook, outcome: WebhookOutcome, cause: int) -> None:
        events = in_stream([outcome], webhook.id, after=webhook.version)
        about = outcome.stands_for if isinstance(outcome, UnknownPaymentTold) else outcome.order_id
        if not isinstance(outcome, WebhookHandled):
            _log.error("what the provider says is unexplained", order_id=str(about), detail=outcome.detail)
        try:
            await self._store.append(Append(events, about, _ACTOR, causation_id=cause))
        except StaleVersion:
            _log.info("a message of the provider was handled meanwhile", request_id=str(webhook.id))


async def _settle_disputes(session: PaymentSession, found: PaymentAtProvider) -> None:
    await session.settle(lambda payment: decisions.disputed(payment, found.authorization_id, found.disputes))


async def _settle(
    session: PaymentSession, operation: PaymentOperation, request_id: UUID, found: PaymentOutcome | None
) -> bool:
    """Put on record what was done for a request; answers whether it has an outcome with that."""
    match found:
        case Voided() if session.known.status is PaymentStatus.VOIDING:
            await session.settle(lambda payment: decisions.voided(payment, request_id))
        case Refunded():
            await session.settle(lambda payment: decisions.refunded(payment, request_id))
        case _ if operation in (PaymentOperation.AUTHORIZE, PaymentOperation.CAPTURE):
            return await settle_found(session, request_id, found, overrules=True)
        case _:
            return False
    return True


def _open_requests(payment: Payment) -> Mapping[PaymentOperation, UUID]:
    """The last request of each operation where what came of it is not on record, in the order in which they happen."""
    is_open = {
        PaymentOperation.AUTHORIZE: payment.authorization_id is None,
        PaymentOperation.CAPTURE: payment.captured is None and payment.status is not PaymentStatus.AUTHORIZED,
        PaymentOperation.VOID: payment.status is PaymentStatus.VOIDING,
        PaymentOperation.REFUND: payment.status is PaymentStatus.REFUNDING,
    }
    attempted = {operation: payment.attempted.get(operation) for operation in is_open}
    return {operation: one.request_id for operation, one in attempted.items() if one is not None and is_open[operation]}


def _order_of(found: PaymentAtProvider | None) -> UUID | None:
    return None if found is None or found.order_id is None else read_id(found.order_id)


def _unexplained(webhook: Webhook, order_id: UUID, detail: str) -> WebhookUnexplained:
    return WebhookUnexplained(
        order_id=order_id, request_id=webhook.id, authorization_id=webhook.authorization_id, detail=detail
    )
