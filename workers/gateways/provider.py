"""The payment provider: what we ask of one, and one that is asked over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from commerce.errors import InvalidInput, Unavailable
from commerce.money import Money
from workers.gateways.calls import Caller, Gateway, Reply, path

CALL_TIMEOUT_S = 10.0
"""For the whole answer to one call."""


class ProviderUnavailable(Unavailable):
    """The provider gave no answer: what was asked may have happened or not. Ask again with the same key."""


@dataclass(frozen=True, slots=True)
class Authorized:
    """The money is set aside."""

    authorization_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Declined:
    """The money is not set aside, or not taken, and will not be; `reason` is the provider's code, such as `card_declined`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Captured:
    """The money is taken."""

    authorization_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Voided:
    """The money that was set aside is let go."""

    authorization_id: str


@dataclass(frozen=True, slots=True)
class Refunded:
    """The money is given back."""

    refund_id: str
    authorization_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider's rules forbid it and nothing moved; `reason` is its code, such as `already_voided`."""

    reason: str
    detail: str


Outcome = Authorized | Declined | Captured | Voided | Refunded | Refused
"""What can have happened under an idempotency key."""

_REFUSALS = frozenset(
    {"authorization_not_found", "already_captured", "already_voided", "not_captured", "amount_too_large"}
)


class PaymentProvider(Protocol):
    """Sets money aside, takes it, lets it go, gives it back.

    Every operation carries an idempotency key: repeated with the same key and arguments it is not done again, and the first
    answer is given again, so that after `ProviderUnavailable` it can be repeated, at any time and by any process. Every one
    raises `ProviderUnavailable` where the outcome is unknown, and `RequestRejected` where the key stands for another request
    or the request makes no sense: nothing happened then, and a person has to look. `Postponed` means that it was not done now.
    """

    async def authorize(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> Authorized | Declined:
        """Set money aside. Raises `ProviderUnavailable`, `RequestRejected`; safe to repeat with the same key."""
        ...

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> Captured | Refused:
        """Take money, once and no more than was set aside. Raises and repeats like `authorize`."""
        ...

    async def void(self, key: UUID, authorization_id: str) -> Voided | Refused:
        """Let go of money that was not taken. Raises and repeats like `authorize`."""
        ...

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> Refunded | Refused:
        """Give money back, in all no more than was taken. Raises and repeats like `authorize`."""
        ...

    async def find_operation(self, key: UUID) -> Outcome | None:
        """What happened under a key, without doing anything; None where nothing did. Raises `ProviderUnavailable`.

        A call whose answer was not awaited to its end may still happen after this says None.
        """
        ...


class HttpPaymentProvider(Gateway):
    """`PaymentProvider` over HTTP; used as an async context manager, which closes its connections."""

    def __init__(self, url: str) -> None:
        """Raises `BadUsage` for an address that is not HTTP."""
        super().__init__(Caller(url, _unavailable, CALL_TIMEOUT_S))

    async def authorize(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> Authorized | Declined:
        """See `PaymentProvider`. Raises `ProviderUnavailable`, `RequestRejected`; the key makes repeating safe."""
        request = {"order_id": str(order_id), **_money(amount), "payment_method": payment_method}
        reply = await self._caller.post("/v1/authorizations", key, request)
        return self._caller.either(_declined(self._outcome(reply)), Authorized, Declined)

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> Captured | Refused:
        """See `PaymentProvider`. Raises `ProviderUnavailable`, `RequestRejected`; the key makes repeating safe."""
        reply = await self._caller.post(path("v1", "authorizations", authorization_id, "capture"), key, _money(amount))
        return self._caller.either(_refused(self._outcome(reply)), Captured, Refused)

    async def void(self, key: UUID, authorization_id: str) -> Voided | Refused:
        """See `PaymentProvider`. Raises `ProviderUnavailable`, `RequestRejected`; the key makes repeating safe."""
        reply = await self._caller.post(path("v1", "authorizations", authorization_id, "void"), key, {})
        return self._caller.either(_refused(self._outcome(reply)), Voided, Refused)

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> Refunded | Refused:
        """See `PaymentProvider`. Raises `ProviderUnavailable`, `RequestRejected`; the key makes repeating safe."""
        reply = await self._caller.post(path("v1", "authorizations", authorization_id, "refunds"), key, _money(amount))
        return self._caller.either(_refused(self._outcome(reply)), Refunded, Refused)

    async def find_operation(self, key: UUID) -> Outcome | None:
        """See `PaymentProvider`. Raises `ProviderUnavailable`; it does nothing, so repeating is safe."""
        reply = await self._caller.get(path("v1", "operations", str(key)))
        match reply.body:
            case {"code": "operation_not_found"}:
                return None
            case {"status_code": int(status), "answer": dict(answer)}:
                return self._outcome(Reply(status, answer))
        raise _unavailable("gave an answer that we do not understand")

    def _outcome(self, reply: Reply) -> Outcome:
        try:
            return self._problem(reply) if reply.status >= 400 else _success(reply)
        except InvalidInput as error:
            raise _unavailable(f"named an amount that we do not understand ({error})") from None

    def _problem(self, reply: Reply) -> Outcome:
        code = reply.body.get("code")
        match code:
            case str() if reply.status == 402 or code == "unknown_payment_method":
                return Declined(code)
            case str() if code in _REFUSALS:
                return Refused(code, str(reply.body.get("detail", "")))
        if reply.status == 402:
            return Declined("payment_required")
        raise self._caller.problem_without_code(reply)


def _unavailable(what: str) -> ProviderUnavailable:
    return ProviderUnavailable(f"the payment provider {what}")


def _money(amount: Money) -> dict[str, str]:
    return {"amount": str(amount.amount), "currency": amount.currency}


def _success(reply: Reply) -> Outcome:
    match reply.body:
        case {"status": "declined" | "refused" | "failed"}:
            return Declined(_code_of(reply))
        case {"status": "authorized", "authorization_id": str(id_), "amount": str(amount), "currency": str(currency)}:
            return Authorized(id_, Money.of(amount, currency))
        case {"status": "captured", "authorization_id": str(id_), "amount": str(amount), "currency": str(currency)}:
            return Captured(id_, Money.of(amount, currency))
        case {"status": "voided", "authorization_id": str(id_)}:
            return Voided(id_)
        case {
            "status": "refunded",
            "refund_id": str(refund),
            "authorization_id": str(id_),
            "amount": str(amount),
            "currency": str(currency),
        }:
            return Refunded(refund, id_, Money.of(amount, currency))
    raise _unavailable("gave an answer that we do not understand")


def _declined(outcome: Outcome) -> Outcome:
    """To set money aside has two outcomes: that the provider's rules forbid it is a refusal like any other."""
    return Declined(outcome.reason) if isinstance(outcome, Refused) else outcome


def _refused(outcome: Outcome) -> Outcome:
    """A card that is declined when money is to be taken, let go or given back: nothing moved, and that is known."""
    return Refused(outcome.reason, "declined") if isinstance(outcome, Declined) else outcome


def _code_of(reply: Reply) -> str:
    """Why it was declined, where the answer says that."""
    named = (reply.body.get(name) for name in ("code", "reason", "decline_reason"))
    return next((code for code in named if isinstance(code, str) and code), "declined")
