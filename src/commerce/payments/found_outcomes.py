"""Puts on record what the provider says that it did, or how that differs from what it was asked."""

from __future__ import annotations

from uuid import UUID

from commerce.outside.stream_session import StreamSession
from commerce.payments import decisions
from commerce.payments.comparison import asked_of, payment_difference
from commerce.payments.events import PaymentAnswerDiffered
from commerce.payments.payment import Payment, PaymentOperation
from commerce.payments.ports import Authorized, Captured, PaymentOutcome

PaymentSession = StreamSession[Payment]


async def differs(session: PaymentSession, operation: PaymentOperation, outcome: PaymentOutcome | None) -> bool:
    """Whether an answer is about something else than was asked; that is put on record, and is no success."""
    found = difference(session, operation, outcome)
    if found is not None:
        await session.settle_difference(found, lambda payment: decisions.answer_differed(payment, found))
    return found is not None


def difference(
    session: PaymentSession, operation: PaymentOperation, outcome: PaymentOutcome | None
) -> PaymentAnswerDiffered | None:
    """How an answer to the last attempt of an operation differs from what was asked; None where it does not."""
    if outcome is None or operation not in session.known.attempted:
        return None
    return payment_difference(asked_of(session.known, operation), outcome)


async def settle_found(
    session: PaymentSession, request_id: UUID, found: PaymentOutcome | None, *, overrules: bool = False
) -> bool:
    """Put on record what the provider says that it did on the way forward, if it did."""
    match found:
        case Authorized(id_, carried=carried):
            until = carried.held_until
            await session.settle(lambda it: decisions.authorized(it, request_id, id_, until, overrules=overrules))
        case Captured():
            await session.settle(lambda it: decisions.captured(it, request_id, overrules=overrules))
        case _:
            return False
    return True
