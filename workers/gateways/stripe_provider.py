"""The payment provider Stripe: what is asked of it, and what its answers come to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import ClassVar, Self
from uuid import UUID

import stripe

from commerce.outside.errors import PartyUnavailable, Postponed
from commerce.outside.ledger import LedgerPage
from commerce.outside.party import RequestOnRecord
from commerce.payments.ports import (
    PROVIDER_CALLS,
    ActionRequired,
    Authorized,
    Declined,
    PaymentAtProvider,
    PaymentOutcome,
    PaymentRejected,
)
from commerce.values import ids
from commerce.values.money import Money, total
from workers.gateways import stripe_answers as answers
from workers.gateways.call_watch import ASKING, CallWatch
from workers.gateways.dispute_answers import stripe_dispute
from workers.gateways.stripe_amounts import minor_units, money_of
from workers.gateways.stripe_answers import Shape
from workers.gateways.stripe_calls import StripeCalls
from workers.gateways.stripe_errors import decline_of, failure_of, is_broken, is_unknown
from workers.gateways.stripe_ledger import created_at, stripe_ledger_page

_NOT_CHARGEABLE = "amount_not_chargeable"
"""The reason where an amount cannot be charged exactly."""


class StripePaymentProvider:
    """A `PaymentProvider`; used as an async context manager, which closes its connections.

    Stripe cannot be asked what became of a key. So every question is about the intent, whose id is on record before it
    is confirmed.
    """

    is_asked_by_key: ClassVar[bool] = False

    def __init__(
        self,
        api_key: str,
        api_base: str,
        watch: CallWatch | None = None,
        call_timeouts_s: Mapping[str, float] | None = None,
        return_url: str | None = None,
    ) -> None:
        """`watch` is told how the calls go; an operation ends within `call_timeouts_s`, and a question within the
        longest of them. Customers who have acted come to `return_url`; without one, none can be sent anywhere."""
        self._return_url = return_url
        self._call_timeouts_s = call_timeouts_s or {}
        self._longest_s = max(self._call_timeouts_s.values(), default=PROVIDER_CALLS.timeout_s)
        self._stripe = StripeCalls(api_key, api_base, self._longest_s)
        self._watch = watch

    async def __aenter__(self) -> Self:
        await self._stripe.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stripe.__aexit__(kind, error, trace)

    async def open(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> PaymentOutcome:
        """See `PaymentProvider`: create an intent, and do not confirm it."""
        units, metadata = minor_units(amount), answers.metadata_of(key, order_id)
        if units is None:
            return Declined(_NOT_CHARGEABLE)
        own_key = ids.request_id(key, "open")
        async with self._call("open"):
            try:
                intent = await self._stripe.create_intent(own_key, units, amount.currency, payment_method, metadata)
            except stripe.StripeError as error:
                if reason := decline_of(error):
                    return Declined(reason)
                raise
            return _understood(answers.opened_intent(intent))

    async def authorize(
        self, key: UUID, order_id: UUID, amount: Money, payment_method: str, opened_id: str | None = None
    ) -> PaymentOutcome:
        """See `PaymentProvider`: confirm the intent. One that the customer would have to act on, and cannot be sent
        anywhere for, is cancelled."""
        assert opened_id is not None, "an intent is on record before it is confirmed"
        async with self._call("authorize"):
            try:
                intent = await self._stripe.confirm(key, opened_id, self._return_url)
            except stripe.StripeError as error:
                if reason := decline_of(error):
                    return Declined(reason)
                intent = await self._instead(error, opened_id)
                if answers.confirmation_of(intent) is None:
                    raise
            intent = await self._decided(intent, opened_id)
            outcome = _understood(answers.confirmation_of(intent))
            if intent.get("status") == "requires_action" and not isinstance(outcome, ActionRequired):
                await self._abandon(key, opened_id)
            return outcome

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """See `PaymentProvider`. Stripe is told no currency: it takes the intent's own."""
        units = minor_units(amount)
        if units is None:
            return PaymentRejected(_NOT_CHARGEABLE, "")
        async with self._call("capture"):
            try:
                intent = await self._stripe.capture(key, authorization_id, units)
            except stripe.InvalidRequestError as error:
                return await self._rejected("capture", authorization_id, amount, error)
            except stripe.StripeError as error:
                if reason := decline_of(error):
                    return PaymentRejected(reason, "declined")
                intent = await self._instead(error, authorization_id)
                if answers.capture_of(intent) is None:
                    raise
            return _understood(answers.capture_of(await self._decided(intent, authorization_id)))

    async def void(self, key: UUID, authorization_id: str) -> PaymentOutcome:
        """See `PaymentProvider`: cancel the intent, for good, whether or not it holds money."""
        async with self._call("void"):
            try:
                intent = await self._stripe.cancel(key, authorization_id)
            except stripe.InvalidRequestError as error:
                return await self._rejected("void", authorization_id, None, error)
            except stripe.StripeError as error:
                intent = await self._instead(error, authorization_id)
                if answers.void_of(intent) is None:
                    raise
            return _understood(answers.void_of(intent))

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """See `PaymentProvider`. One that Stripe accepted counts as given back; it may still fail at the bank."""
        units = minor_units(amount)
        if units is None:
            return PaymentRejected(_NOT_CHARGEABLE, "")
        async with self._call("refund"):
            try:
                made = await self._stripe.create_refund(key, authorization_id, units, answers.metadata_of(key))
            except stripe.InvalidRequestError as error:
                return await self._rejected("refund", authorization_id, amount, error)
            except stripe.StripeError as error:
                found = await self._refund_under(key, authorization_id) if is_broken(error) else None
                if found is None:
                    raise
                made = found
            return _understood(answers.refund_of(made))

    async def find_operation(self, request: RequestOnRecord) -> PaymentOutcome | None:
        """See `PaymentProvider`: without an intent on record nothing can have happened."""
        id_ = request.party_id
        if id_ is None:
            return None
        async with self._call(ASKING):
            if request.operation == "refund":
                made = await self._refund_under(request.key, id_)
                return None if made is None else _understood(answers.refund_of(made))
            intent = await self._decided(await self._stripe.intent(id_), id_)
            match request.operation:
                case "authorize":
                    return answers.authorization_of(intent, request.key)
                case "capture":
                    return answers.capture_of(intent)
            return answers.void_of(intent)

    async def check_credential(self, request: RequestOnRecord) -> None:
        """See `PaymentProvider`."""
        async with self._call(ASKING):
            await self._stripe.list_one()

    async def authorizations_under(self, key: UUID, order_id: UUID) -> Sequence[Authorized]:
        """None: a second intent that came of one key was never confirmed."""
        return ()

    async def find_payment(self, authorization_id: str) -> PaymentAtProvider | None:
        """See `PaymentProvider`: the intent, what was given back of it, and what is disputed."""
        async with self._call(ASKING):
            try:
                intent = await self._stripe.intent(authorization_id)
            except stripe.InvalidRequestError as error:
                if is_unknown(error, "intent"):
                    return None
                raise
            is_taken = intent.get("status") == "succeeded"
            refunded = await self._refunded(authorization_id, intent) if is_taken else None
            found = answers.intent_state(intent, refunded)
            told = await self._stripe.disputes_of(authorization_id) if is_taken else []
            disputes = tuple(dispute for each in reversed(told) if (dispute := stripe_dispute(each)) is not None)
            if found is None or len(disputes) < len(told):
                raise PartyUnavailable("Stripe gave an answer that we do not understand")
            disputed_at = max(filter(None, map(created_at, told)), default=None)
            return replace(found, moved_at=disputed_at, disputes=disputes)

    async def ledger(self, since: datetime, cursor: str | None = None) -> LedgerPage[PaymentAtProvider]:
        """See `PaymentProvider`: disputes, intents, then balance transactions."""
        async with self._call(ASKING):
            return await stripe_ledger_page(self._stripe, since, cursor)

    async def payment_methods(self) -> None:
        """None: customers' payment methods come out of Stripe's own forms, and are not listed."""

    async def _rejected(
        self, operation: str, id_: str, amount: Money | None, error: stripe.InvalidRequestError
    ) -> PaymentRejected:
        """Nothing was done; why, the state of the intent says. Raises the error where it does not."""
        if is_unknown(error, "intent") or is_unknown(error, "payment_intent"):
            return PaymentRejected("authorization_not_found", "")
        if error.code == "charge_disputed":
            return PaymentRejected("disputed", "")
        intent = await self._stripe.intent(id_)
        is_refund = operation == "refund" and intent.get("status") == "succeeded"
        refunded = await self._refunded(id_, intent) if is_refund else None
        reason = answers.why_forbidden(operation, intent, amount, refunded)
        if reason is None:
            raise error
        return PaymentRejected(reason, "")

    async def _instead(self, error: stripe.StripeError, id_: str) -> Shape:
        """The intent as it is, where Stripe would answer the same key with the same error for a day. Raises the error
        where it is of another kind."""
        if not is_broken(error) and not isinstance(error, stripe.InvalidRequestError):
            raise error
        return await self._stripe.intent(id_)

    async def _decided(self, intent: Shape, id_: str) -> Shape:
        """The intent once Stripe has decided; a repeated call is answered by what was so at the first. Raises
        `Postponed`."""
        if intent.get("status") == "processing":
            intent = await self._stripe.intent(id_)
        if intent.get("status") == "processing":
            raise Postponed("Stripe is still working on the payment", "busy")
        return intent

    async def _abandon(self, key: UUID, id_: str) -> None:
        """Cancel an intent that waits for its customer, so that it cannot hold money any more."""
        intent = await self._stripe.cancel(ids.request_id(key, "abandon"), id_)
        if answers.void_of(intent) is None:
            raise PartyUnavailable("Stripe goes on with an intent that was cancelled")

    async def _refund_under(self, key: UUID, id_: str) -> Shape | None:
        """The refund of an intent that was made for a request."""
        async for found in self._stripe.refunds_of(id_):
            if answers.is_for(found, key):
                return found
        return None

    async def _refunded(self, id_: str, intent: Shape) -> Money | None:
        """All that was given back, or is about to be; None where it cannot be read."""
        nothing = money_of(0, intent.get("currency"))
        if nothing is None:
            return None
        made = [found async for found in self._stripe.refunds_of(id_)]
        amounts = [
            money_of(found.get("amount"), found.get("currency"))
            for found in made
            if found.get("status") not in ("failed", "canceled")
        ]
        return total((amount for amount in amounts if amount is not None), nothing.currency)

    @asynccontextmanager
    async def _call(self, operation: str) -> AsyncIterator[None]:
        """Around all that one operation asks of Stripe: in time, watched, and with the errors of every party.

        Raises `PartyUnavailable`, `Postponed`, `RequestRejected`.
        """
        with self._watched(operation):
            try:
                async with asyncio.timeout(self._call_timeouts_s.get(operation, self._longest_s)):
                    yield
            except TimeoutError as error:
                raise PartyUnavailable("Stripe gave no answer in time") from error
            except stripe.StripeError as error:
                raise failure_of(error) from None

    def _watched(self, operation: str) -> AbstractContextManager[None]:
        return self._watch.call(operation) if self._watch is not None else nullcontext()


def _understood(outcome: PaymentOutcome | None) -> PaymentOutcome:
    if outcome is None:
        raise PartyUnavailable("Stripe gave an answer that we do not understand")
    return outcome
