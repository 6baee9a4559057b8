"""A payment that waits for its customer: what became of it, and how what was tried is ended before anything else is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from commerce.outside.errors import PartyUnavailable, RequestRejected, TryAgain
from commerce.outside.retries import LONGEST_PAUSE_S
from commerce.payments import decisions
from commerce.payments.customer_decisions import action_failed, action_required, of_try
from commerce.payments.events import PaymentEvent
from commerce.payments.found_outcomes import PaymentSession, differs, settle_found
from commerce.payments.payment import Payment, PaymentOperation
from commerce.payments.ports import ActionRequired, Declined, PaymentProvider, PaymentRejected, Voided
from commerce.values import ids

CUSTOMER_TIME = timedelta(minutes=15)
"""How long a customer has to act where nobody sets it otherwise."""

REPLACED = "replaced"
"""Why nothing comes of what was tried: something else to pay with was chosen."""

NOT_ACTED = "customer_did_not_act"
"""Why the payment is declined: the customer's time is over."""


class CustomerActions:
    """Asks the provider whether the customer has acted, and ends what nobody waits for any more."""

    def __init__(self, provider: PaymentProvider, time_limit: timedelta) -> None:
        """`time_limit` is how long a customer has, each time."""
        self._provider = provider
        self._time_limit = time_limit

    async def required(self, session: PaymentSession, request_id: UUID, number: int, found: ActionRequired) -> None:
        """Put on record where the customer is to be sent for a try. Raises `PaymentNotOpen` where an undo has taken
        over."""
        until = await session.now() + self._time_limit
        id_, url = found.authorization_id, found.redirect_url

        def required(payment: Payment) -> list[PaymentEvent]:
            return action_required(payment, request_id, id_, url, until)

        await session.settle(of_try(number, required))

    async def look(self, session: PaymentSession) -> None:
        """Put on record what became of a payment that waits for its customer, and end it once their time is over.

        The provider is asked before anything is ended. Raises `TryAgain`, `PartyUnavailable`, `Postponed`,
        `RequestRejected`.
        """
        request_id, number = session.known.attempted[PaymentOperation.AUTHORIZE].request_id, session.known.tries.number
        if session.known.is_waiting:
            request = session.on_record(PaymentOperation.AUTHORIZE, request_id)
            found = await self._provider.find_operation(request)
            if await differs(session, PaymentOperation.AUTHORIZE, found):
                return
            if await settle_found(session, request_id, found):
                return
            if isinstance(found, Declined):
                await self.end(session, request_id, number, found.reason)
            elif session.known.tries.chosen is not None:
                await self.end(session, request_id, number, REPLACED)
            elif await self._is_over(session):
                await self.end(session, request_id, number, NOT_ACTED)
        if await self._is_over(session):
            action = session.known.tries.action
            reason = (action and action.failure) or NOT_ACTED
            await session.settle(of_try(number, lambda it: decisions.declined(it, request_id, reason)))

    async def end(self, session: PaymentSession, request_id: UUID, number: int, reason: str) -> None:
        """See to it that nothing can be set aside any more by a try, and put that on record.

        Raises `TryAgain`, `Postponed`.
        """
        if session.known.tries.number == number and session.known.opened_id is not None:
            await self._let_go(request_id, session.known.opened_id)
        await session.settle(of_try(number, lambda it: action_failed(it, request_id, reason)))

    async def _let_go(self, request_id: UUID, authorization_id: str) -> None:
        """Have an authorisation ended that holds nothing; the key makes repeating safe."""
        key = ids.request_id(request_id, f"void {authorization_id}")
        try:
            outcome = await self._provider.void(key, authorization_id)
        except (PartyUnavailable, RequestRejected) as error:
            raise TryAgain(str(error)) from None
        match outcome:
            case Voided(voided) if voided == authorization_id:
                return
            case PaymentRejected("already_voided"):
                return
        raise TryAgain(f"the provider does not end what waits for the customer: {outcome}", LONGEST_PAUSE_S)

    async def _is_over(self, session: PaymentSession) -> bool:
        action = session.known.tries.action
        return action is not None and await session.now() >= action.until
