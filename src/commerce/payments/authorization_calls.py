"""Has money set aside: one try after the other, where the customer is needed and chooses to pay in another way."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from commerce.eventstore import Event
from commerce.outside.calls import PartyCalls
from commerce.outside.command_call import Call
from commerce.outside.errors import TryAgain
from commerce.payments import decisions
from commerce.payments.customer_actions import CustomerActions
from commerce.payments.customer_decisions import of_try, try_number
from commerce.payments.found_outcomes import PaymentSession, difference, differs
from commerce.payments.payment import Authorize, PaymentOperation, PaymentStatus
from commerce.payments.ports import (
    ActionRequired,
    Authorized,
    Declined,
    OpenedAuthorization,
    PaymentOutcome,
    PaymentProvider,
)


class AuthorizationCalls:
    """Calls the provider for an authorisation, under a key of its own for each try."""

    def __init__(
        self, provider: PaymentProvider, calls: PartyCalls[PaymentOutcome], customers: CustomerActions
    ) -> None:
        self._provider = provider
        self._calls = calls
        self._customers = customers

    async def authorize(self, session: PaymentSession, request: Authorize) -> None:
        """Have money set aside; while the customer is waited for, ask whether they have acted.

        Raises `TryAgain`, `PaymentNotOpen` once an undo has taken over.
        """
        if session.state is not None and session.state.status is PaymentStatus.ACTION_REQUIRED:
            await self._customers.look(session)
            if not session.known.is_next_try:
                await session.arrived()
                return
        id_, order_id, amount, method = request.request_id, request.order_id, request.amount, request.payment_method
        number = try_number(session.state)

        def attempt() -> Sequence[Event]:
            return decisions.authorize(session.state, order_id, id_, amount, method)

        async def prepared() -> Call[PaymentOutcome]:
            return partial(self._call, session, request)

        outcome = await self._calls.attempt(session, PaymentOperation.AUTHORIZE, attempt, prepared)
        if await differs(session, PaymentOperation.AUTHORIZE, outcome):
            return
        match outcome:
            case Authorized(authorization_id, carried=carried):
                until = carried.held_until
                await session.settle(lambda payment: decisions.authorized(payment, id_, authorization_id, until))
            case ActionRequired():
                await self._customers.required(session, id_, number, outcome)
            case Declined(reason) if session.known.tries.action is not None:  # there may be time for something else
                await self._customers.end(session, id_, number, reason)
                await self._customers.look(session)
            case Declined(reason):
                await session.settle(of_try(number, lambda payment: decisions.declined(payment, id_, reason)))
            case _:
                await session.settle(of_try(number, lambda payment: decisions.unknown(payment, id_)))

    async def _call(self, session: PaymentSession, request: Authorize) -> PaymentOutcome:
        """Have an authorisation opened and put its id on record, where the provider opens one; then have the money set
        aside. Raises `PaymentNotOpen` where an undo has taken over in between, and `TryAgain` where another try has."""
        key, number = session.known.key_of(PaymentOperation.AUTHORIZE, request.request_id), session.known.tries.number
        asked = (key, request.order_id, request.amount, session.known.tries.payment_method or request.payment_method)
        if session.known.opened_id is None:
            opened = await self._provider.open(*asked)
            if isinstance(opened, OpenedAuthorization) and not difference(session, PaymentOperation.AUTHORIZE, opened):
                id_ = opened.authorization_id
                await session.settle(of_try(number, lambda it: decisions.opened(it, request.request_id, id_)))
            elif opened is not None:
                return opened  # declined, or something else than was asked
        if session.known.tries.number != number:
            raise TryAgain("another way to pay was chosen meanwhile")
        return await self._provider.authorize(*asked, session.known.opened_id)
