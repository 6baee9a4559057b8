"""The payment provider under test, asked by the gateway itself; every success is compared with what was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from commerce.payments.comparison import AskedPayment, payment_difference
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import Authorized, Captured, PaymentOutcome, Refunded, Voided
from commerce.values.errors import BadUsage, InvalidInput
from commerce.values.money import Money, minor_digits
from workers.gateways.conformance.exchange import Mismatch
from workers.gateways.conformance.party_desk import PartyDesk
from workers.gateways.conformance.terms import Terms
from workers.gateways.http_provider import HttpPaymentProvider
from workers.gateways.party_text import usable

PaymentSuccess = TypeVar("PaymentSuccess", Authorized, Captured, Voided, Refunded)
_Call = Callable[[], Awaitable[PaymentOutcome]]

PRICE_MINOR, PART_MINOR = 1999, 500
"""Minor units of what is set aside, and of a part of it that is given back."""

_RIGHT = {
    PaymentOperation.AUTHORIZE: "2xx with status authorized, authorization_id, amount, currency",
    PaymentOperation.CAPTURE: "2xx with status captured, authorization_id, amount, currency",
    PaymentOperation.VOID: "2xx with status voided, authorization_id",
    PaymentOperation.REFUND: "2xx with status refunded, refund_id, authorization_id, amount, currency",
}


@dataclass(frozen=True, slots=True)
class HeldMoney:
    """Money that a check has had set aside, and the key that it was set aside under."""

    key: UUID
    order_id: UUID
    authorization_id: str


class PaymentDesk(PartyDesk[PaymentOutcome], HttpPaymentProvider):
    """What the checks ask of a provider; each raises `Mismatch` where the answer is not the right one."""

    def __init__(self, url: str, terms: Terms) -> None:
        """Raises `BadUsage` for an address that is not HTTP, and for a currency that nobody knows."""
        super().__init__(url, terms)
        self.price, self.part, self.least = (self._money(minor) for minor in (PRICE_MINOR, PART_MINOR, 1))

    async def hold(self, key: UUID | None = None, order_id: UUID | None = None) -> HeldMoney:
        """Have the price set aside."""
        held = HeldMoney(key or uuid4(), order_id or uuid4(), "")
        asked = AskedPayment(PaymentOperation.AUTHORIZE, held.order_id, held.key, None, self.price)
        outcome = await self._asked(asked, lambda: self.authorize_price(held), Authorized)
        return HeldMoney(held.key, held.order_id, outcome.authorization_id)

    async def authorize_price(self, held: HeldMoney) -> PaymentOutcome:
        """Ask for the price to be set aside, whatever the answer."""
        return await self.authorize(held.key, held.order_id, self.price, self.terms.payment_method)

    async def take(self, held: HeldMoney, amount: Money | None = None, key: UUID | None = None) -> Captured:
        """Have an amount taken; all of it, where none is named."""
        amount, key = amount or self.price, key or uuid4()
        asked = AskedPayment(PaymentOperation.CAPTURE, held.order_id, key, held.authorization_id, amount)
        return await self._asked(asked, lambda: self.capture(key, held.authorization_id, amount), Captured)

    async def let_go(self, held: HeldMoney, key: UUID | None = None) -> Voided:
        """Have what is set aside let go."""
        key = key or uuid4()
        asked = AskedPayment(PaymentOperation.VOID, held.order_id, key, held.authorization_id, self.price)
        return await self._asked(asked, lambda: self.void(key, held.authorization_id), Voided)

    async def paid(self) -> HeldMoney:
        """Have the price set aside and taken."""
        held = await self.hold()
        await self.take(held)
        return held

    async def give_back(self, held: HeldMoney, amount: Money, key: UUID | None = None) -> Refunded:
        """Have an amount given back."""
        key = key or uuid4()
        asked = AskedPayment(PaymentOperation.REFUND, held.order_id, key, held.authorization_id, amount)
        outcome = await self._asked(asked, lambda: self.refund(key, held.authorization_id, amount), Refunded)
        if usable(self.caller.reply.body.get("refund_id")) is None:
            raise Mismatch("a refund_id of 1 to 128 visible characters")
        return outcome

    async def _asked(self, asked: AskedPayment, call: _Call, wanted: type[PaymentSuccess]) -> PaymentSuccess:
        return await self._done(call, wanted, _RIGHT[asked.operation], partial(payment_difference, asked))

    def _money(self, minor: int) -> Money:
        try:
            return Money.of(Decimal(minor).scaleb(-minor_digits(self.terms.currency)), self.terms.currency)
        except InvalidInput as error:
            raise BadUsage(str(error)) from None
