"""The payment provider: what we ask of one, and one that is asked over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from commerce.values.errors import Unavailable
from commerce.values.money import Money
from workers.gateways.calls import Gateway, HttpCaller, Reply, path
from workers.gateways.provider_answers import (
    Authorized,
    Captured,
    CarriedPayment,
    Declined,
    Outcome,
    PaymentRejected,
    Refunded,
    UnclearPayment,
    Voided,
    declined,
    payment_rejection,
    payment_success,
    rejected,
)
from workers.gateways.text import cleaned_answer, usable

__all__ = [
    "CALL_TIMEOUT_S",
    "Authorized",
    "Captured",
    "CarriedPayment",
    "Declined",
    "HttpPaymentProvider",
    "Outcome",
    "PaymentProvider",
    "PaymentRejected",
    "ProviderUnavailable",
    "Refunded",
    "UnclearPayment",
    "Voided",
]

CALL_TIMEOUT_S = 10.0
"""For the whole answer to one call."""

_MOST_METHODS = 1_000
"""Names of payment methods that are taken in; a provider that has more has no list that we could show."""


class ProviderUnavailable(Unavailable):
    """The provider gave no answer: what was asked may have happened or not. Ask again with the same key."""


class PaymentProvider(Protocol):
    """Sets money aside, takes it, lets it go, gives it back.

    Every operation carries an idempotency key: repeated with the same key and arguments it is not done again, and the
    first answer is given again, so that after `ProviderUnavailable` it can be repeated, at any time and by any process.
    Every one raises `ProviderUnavailable` where the outcome is unknown, and `RequestRejected` where the key stands for
    another request or the request makes no sense: nothing happened then, and a person has to look. `Postponed` means
    that it was not done now. An answer is what the provider says, be it what it was asked or not: whoever calls
    compares the two.
    """

    async def authorize(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> Outcome:
        """Set money aside. Raises `ProviderUnavailable`, `RequestRejected`; safe to repeat with the same key."""
        ...

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> Outcome:
        """Take money, once and no more than was set aside. Raises and repeats like `authorize`."""
        ...

    async def void(self, key: UUID, authorization_id: str) -> Outcome:
        """Let go of money that was not taken. Raises and repeats like `authorize`."""
        ...

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> Outcome:
        """Give money back, in all no more than was taken. Raises and repeats like `authorize`."""
        ...

    async def find_operation(self, key: UUID) -> Outcome | None:
        """What happened under a key, without doing anything; None where nothing did. Raises `ProviderUnavailable`.

        A call whose answer was not awaited to its end may still happen after this says None.
        """
        ...

    async def authorizations_under(self, key: UUID, order_id: UUID) -> Sequence[Authorized]:
        """All that was set aside for an order under one key, which should be one at most; none where it does not tell.

        Raises `ProviderUnavailable`, `RequestRejected`.
        """
        ...

    async def payment_methods(self) -> frozenset[str] | None:
        """What can be paid with; None where the provider does not name it. Raises `ProviderUnavailable`,
        `RequestRejected`."""
        ...


class HttpPaymentProvider(Gateway):
    """`PaymentProvider` over HTTP; used as an async context manager, which closes its connections."""

    def __init__(self, url: str, caller: type[HttpCaller] = HttpCaller) -> None:
        """Raises `BadUsage` for an address that is not HTTP."""
        super().__init__(caller(url, _unavailable, CALL_TIMEOUT_S))

    async def authorize(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> Outcome:
        """See `PaymentProvider`. Raises `ProviderUnavailable`, `RequestRejected`; the key makes repeating safe."""
        request = {"order_id": str(order_id), **_money(amount), "payment_method": payment_method}
        reply = await self._caller.post("/v1/authorizations", key, request)
        return declined(self._outcome(reply))

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> Outcome:
        """See `PaymentProvider`. Raises `ProviderUnavailable`, `RequestRejected`; the key makes repeating safe."""
        reply = await self._caller.post(path("v1", "authorizations", authorization_id, "capture"), key, _money(amount))
        return rejected(self._outcome(reply))

    async def void(self, key: UUID, authorization_id: str) -> Outcome:
        """See `PaymentProvider`. Raises `ProviderUnavailable`, `RequestRejected`; the key makes repeating safe."""
        reply = await self._caller.post(path("v1", "authorizations", authorization_id, "void"), key, {})
        return rejected(self._outcome(reply))

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> Outcome:
        """See `PaymentProvider`. Raises `ProviderUnavailable`, `RequestRejected`; the key makes repeating safe."""
        reply = await self._caller.post(path("v1", "authorizations", authorization_id, "refunds"), key, _money(amount))
        return rejected(self._outcome(reply))

    async def find_operation(self, key: UUID) -> Outcome | None:
        """See `PaymentProvider`. Raises `ProviderUnavailable`; it does nothing, so repeating is safe."""
        reply = await self._caller.get(path("v1", "operations", str(key)))
        match reply.body:
            case {"code": "operation_not_found"} if reply.status == 404:
                return None
            case {"status_code": int(status), "answer": dict(answer), **found} if reply.status == 200:
                is_of_another = found.get("idempotency_key", str(key)) != str(key)
                return self._outcome(Reply(status, answer), found.get("operation"), is_of_another=is_of_another)
        raise _unavailable("gave an answer that we do not understand")

    async def authorizations_under(self, key: UUID, order_id: UUID) -> Sequence[Authorized]:
        """See `PaymentProvider`; a provider need not have this route."""
        reply = await self._caller.get(f"/ledger?order_id={order_id}")
        items = reply.body.get("items")
        if reply.status != 200 or not isinstance(items, list):
            return ()
        ours = [one for one in items if isinstance(one, dict) and one.get("idempotency_key") == str(key)]
        read = (
            payment_success({**one, "status": "authorized"}, None) for one in ours if one.get("kind") == "authorized"
        )
        return tuple(one for one in read if isinstance(one, Authorized))

    async def payment_methods(self) -> frozenset[str] | None:
        """See `PaymentProvider`; a provider need not have this route."""
        reply = await self._caller.get(path("v1", "payment-methods"))
        match reply.body:
            case {"payment_methods": list(named)} if reply.status == 200 and 0 < len(named) <= _MOST_METHODS:
                methods = frozenset(method for each in named if (method := usable(each)) is not None)
                return methods if len(methods) == len(named) else None
        return None

    def _outcome(self, reply: Reply, operation: object = None, *, is_of_another: bool = False) -> Outcome:
        if 200 <= reply.status < 300:
            outcome = payment_success(reply.body, operation, is_of_another=is_of_another)
            if outcome is None:
                raise _unavailable(f"gave an answer that we do not understand{_status_of(reply)}")
            return outcome
        if reply.status < 400:
            raise _unavailable(f"answered {reply.status}: nobody is led elsewhere")
        refusal = payment_rejection(reply.body, reply.status, is_of_another=is_of_another)
        if refusal is None:
            raise self._caller.problem_without_code(reply)
        return refusal


def _status_of(reply: Reply) -> str:
    return f" ({cleaned_answer(reply.body['status'], 40)!r})" if "status" in reply.body else ""


def _unavailable(what: str) -> ProviderUnavailable:
    return ProviderUnavailable(f"the payment provider {what}")


def _money(amount: Money) -> dict[str, str]:
    return {"amount": str(amount.amount), "currency": amount.currency}
