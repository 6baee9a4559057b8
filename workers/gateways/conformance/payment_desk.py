"""The payment provider under test, asked by the gateway itself; every success is compared with what was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID, uuid4

from commerce.outside.errors import RequestRejected
from commerce.payments.comparison import AskedPayment, payment_difference
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import Authorized, Captured, Declined, PaymentOutcome, PaymentRejected, Refunded, Voided
from commerce.values.errors import BadUsage, InvalidInput
from commerce.values.money import Money, minor_digits
from workers.gateways.conformance.exchange import (
    FOUND,
    FOUND_NOTHING,
    Mismatch,
    RecordingCaller,
    answer,
    answer_or_rejection,
)
from workers.gateways.conformance.terms import Terms
from workers.gateways.http_provider import HttpPaymentProvider
from workers.gateways.party_text import usable

PaymentSuccess = TypeVar("PaymentSuccess", Authorized, Captured, Voided, Refunded)
_Call = Callable[[], Awaitable[PaymentOutcome]]

PRICE_MINOR, PART_MINOR = 1999, 500
"""Minor units of what is set aside, and of a part of it that is given back."""

_NAMES = {
    PaymentOperation.AUTHORIZE: "authorization_id, amount, currency",
    PaymentOperation.CAPTURE: "authorization_id, amount, currency",
    PaymentOperation.VOID: "authorization_id",
    PaymentOperation.REFUND: "refund_id, authorization_id, amount, currency",
}
_STATUS = {
    PaymentOperation.AUTHORIZE: "authorized",
    PaymentOperation.CAPTURE: "captured",
    PaymentOperation.VOID: "voided",
    PaymentOperation.REFUND: "refunded",
}


@dataclass(frozen=True, slots=True)
class HeldMoney:
    """Money that a check has had set aside, and the key that it was set aside under."""

    key: UUID
    order_id: UUID
    authorization_id: str


class PaymentDesk(HttpPaymentProvider):
    """What the checks ask of a provider; each raises `Mismatch` where the answer is not the right one."""

    def __init__(self, url: str, terms: Terms) -> None:
        """Raises `BadUsage` for an address that is not HTTP, and for a currency that nobody knows."""
        super().__init__(url, RecordingCaller)
        self.url = url
        self.terms = terms
        self.price, self.part, self.least = (self._money(minor) for minor in (PRICE_MINOR, PART_MINOR, 1))

    @property
    def caller(self) -> RecordingCaller:
        """The calls that were made."""
        assert isinstance(self._caller, RecordingCaller)
        return self._caller

    async def hold(self, key: UUID | None = None, order_id: UUID | None = None) -> HeldMoney:
        """Have the price set aside."""
        held = HeldMoney(key or uuid4(), order_id or uuid4(), "")
        asked = AskedPayment(PaymentOperation.AUTHORIZE, held.order_id, held.key, None, self.price)
        outcome = await self._done(asked, lambda: self.authorize_price(held), Authorized)
        return HeldMoney(held.key, held.order_id, outcome.authorization_id)

    async def authorize_price(self, held: HeldMoney) -> PaymentOutcome:
        """Ask for the price to be set aside, whatever the answer."""
        return await self.authorize(held.key, held.order_id, self.price, self.terms.payment_method)

    async def take(self, held: HeldMoney, amount: Money | None = None, key: UUID | None = None) -> Captured:
        """Have an amount taken; all of it, where none is named."""
        amount, key = amount or self.price, key or uuid4()
        asked = AskedPayment(PaymentOperation.CAPTURE, held.order_id, key, held.authorization_id, amount)
        return await self._done(asked, lambda: self.capture(key, held.authorization_id, amount), Captured)

    async def let_go(self, held: HeldMoney, key: UUID | None = None) -> Voided:
        """Have what is set aside let go."""
        key = key or uuid4()
        asked = AskedPayment(PaymentOperation.VOID, held.order_id, key, held.authorization_id, self.price)
        return await self._done(asked, lambda: self.void(key, held.authorization_id), Voided)

    async def give_back(self, held: HeldMoney, amount: Money, key: UUID | None = None) -> Refunded:
        """Have an amount given back."""
        key = key or uuid4()
        asked = AskedPayment(PaymentOperation.REFUND, held.order_id, key, held.authorization_id, amount)
        outcome = await self._done(asked, lambda: self.refund(key, held.authorization_id, amount), Refunded)
        if usable(self.caller.reply.body.get("refund_id")) is None:
            raise Mismatch("a refund_id of 1 to 128 visible characters")
        return outcome

    async def forbidden(self, call: _Call, code: str) -> None:
        """See that the provider's rules forbid it, by the protocol's own code."""
        right = f'4xx with "code": "{code}"'
        if (await answer(call, PaymentRejected, right)).reason != code:
            raise Mismatch(right)

    async def not_done(self, call: _Call, why: str) -> None:
        """See that nothing was done, and that the answer says so for certain."""
        right = f'4xx with "code" and "detail": {why}'
        if not isinstance(await answer_or_rejection(call, right), RequestRejected | PaymentRejected | Declined):
            raise Mismatch(right)

    async def posted(self, path: str, body: Mapping[str, object], key: UUID | None = None) -> PaymentOutcome:
        """What a body that the gateway itself would not send comes to."""
        return self._outcome(await self._caller.post(path, key or uuid4(), body))

    async def found(self, key: UUID, expected: PaymentOutcome | None) -> None:
        """See that what is found under a key is what was answered; None where nothing was."""
        right = FOUND if expected else FOUND_NOTHING
        if await answer_or_rejection(lambda: self.find_operation(key), right) != expected:
            raise Mismatch(right)

    async def _done(self, asked: AskedPayment, call: _Call, wanted: type[PaymentSuccess]) -> PaymentSuccess:
        right = f"2xx with status {_STATUS[asked.operation]}, {_NAMES[asked.operation]}"
        outcome = await answer_or_rejection(call, right)
        if isinstance(outcome, RequestRejected):
            raise Mismatch(right)
        differs = payment_difference(asked, outcome)
        if differs is not None:
            raise Mismatch(f"{right}; we asked for {differs.asked}, and it says that it {differs.answered}")
        if not isinstance(outcome, wanted):
            raise Mismatch(right)
        return outcome

    def _money(self, minor: int) -> Money:
        try:
            return Money.of(Decimal(minor).scaleb(-minor_digits(self.terms.currency)), self.terms.currency)
        except InvalidInput as error:
            raise BadUsage(str(error)) from None
