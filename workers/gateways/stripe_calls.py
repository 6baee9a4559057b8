"""The calls to Stripe that we make, by its own SDK: one try each, answered as its JSON has it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self
from uuid import UUID

import stripe

from commerce.outside.errors import PartyUnavailable
from commerce.outside.ledger import PAGE_ITEMS
from commerce.payments.disputes import MOST_DISPUTES
from workers.gateways.stripe_answers import Shape
from workers.gateways.stripe_http import StripeHttp

_PAGE_REFUNDS = 100
_MOST_PAGES = 10


class StripeCalls:
    """PaymentIntents, refunds and disputes; used as an async context manager, which closes its connections.

    Each call raises `stripe.StripeError`, `PartyUnavailable`, `Postponed`.
    """

    def __init__(self, api_key: str, api_base: str, call_timeout_s: float) -> None:
        logging.getLogger("stripe").setLevel(logging.WARNING)  # or it logs each call, and what Stripe says of it
        stripe.enable_telemetry = False  # or it tells Stripe what machine this is, and keeps a file in the user's home
        self._http = StripeHttp(call_timeout_s)
        client = stripe.StripeClient(
            api_key, http_client=self._http, base_addresses={"api": api_base}, max_network_retries=0
        )
        self._intents, self._refunds = client.v1.payment_intents, client.v1.refunds
        self._transactions = client.v1.balance_transactions
        self._disputes = client.v1.disputes

    async def __aenter__(self) -> Self:
        self._http.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close_async()

    async def create_intent(
        self, key: UUID, units: int, currency: str, payment_method: str, metadata: dict[str, str]
    ) -> Shape:
        """An intent for a card, to be confirmed and captured by calls of their own."""
        return _shape(
            await self._intents.create_async(
                {
                    "amount": units,
                    "currency": currency.lower(),
                    "capture_method": "manual",
                    "payment_method": payment_method,
                    "allowed_payment_method_types": ["card"],
                    "metadata": metadata,
                },
                _under(key),
            )
        )

    async def intent(self, id_: str) -> Shape:
        """An intent as it is."""
        return _shape(await self._intents.retrieve_async(id_, {"expand": ["latest_charge"]}))

    async def confirm(self, key: UUID, id_: str, return_url: str | None) -> Shape:
        """The intent, once its card was asked for the money; a customer who has to act comes back to `return_url`."""
        asked: stripe.params.PaymentIntentConfirmParams = {"expand": ["latest_charge"]}
        if return_url is not None:
            asked["return_url"] = return_url
        return _shape(await self._intents.confirm_async(id_, asked, _under(key)))

    async def capture(self, key: UUID, id_: str, units: int) -> Shape:
        """The intent, once its money was taken; the rest is let go."""
        return _shape(await self._intents.capture_async(id_, {"amount_to_capture": units}, _under(key)))

    async def cancel(self, key: UUID, id_: str) -> Shape:
        """The intent, once it is over for good; what it held is let go."""
        return _shape(await self._intents.cancel_async(id_, {}, _under(key)))

    async def create_refund(self, key: UUID, id_: str, units: int, metadata: dict[str, str]) -> Shape:
        """A refund of an intent."""
        asked: stripe.params.RefundCreateParams = {"payment_intent": id_, "amount": units, "metadata": metadata}
        return _shape(await self._refunds.create_async(asked, _under(key)))

    async def refunds_of(self, id_: str) -> AsyncIterator[Shape]:
        """The refunds of an intent, newest first; of one that has more than a thousand, the newest."""
        asked: stripe.params.RefundListParams = {"payment_intent": id_, "limit": _PAGE_REFUNDS}
        for _ in range(_MOST_PAGES):
            page = _shape(await self._refunds.list_async(asked))
            found, is_going_on = _listed(page)
            for each in found:
                yield each
            last = found[-1].get("id") if found else None
            if not is_going_on or not isinstance(last, str):
                return
            asked["starting_after"] = last

    async def intents_since(self, since: int, after: str | None) -> tuple[list[Shape], bool]:
        """A page of the intents made since a time, newest first, each with its charge; and whether there are more."""
        asked: stripe.params.PaymentIntentListParams = {
            "created": {"gte": since},
            "limit": PAGE_ITEMS,
            "expand": ["data.latest_charge"],
        }
        if after is not None:
            asked["starting_after"] = after
        return _listed(_shape(await self._intents.list_async(asked)))

    async def transactions_since(self, since: int, after: str | None) -> tuple[list[Shape], bool]:
        """A page of the balance transactions since a time, newest first, each with its charge; and whether there are
        more."""
        asked: stripe.params.BalanceTransactionListParams = {
            "created": {"gte": since},
            "limit": PAGE_ITEMS,
            "expand": ["data.source", "data.source.charge"],
        }
        if after is not None:
            asked["starting_after"] = after
        return _listed(_shape(await self._transactions.list_async(asked)))

    async def disputes_of(self, id_: str) -> list[Shape]:
        """The disputes about an intent, newest first; no more than make sense."""
        page = _shape(await self._disputes.list_async({"payment_intent": id_, "limit": MOST_DISPUTES}))
        listed = page.get("data")
        return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []

    async def disputes_since(self, since: int, after: str | None) -> tuple[list[Shape], bool]:
        """A page of the disputes opened since a time, newest first, each with its charge; and whether there are
        more."""
        asked: stripe.params.DisputeListParams = {
            "created": {"gte": since},
            "limit": PAGE_ITEMS,
            "expand": ["data.charge"],
        }
        if after is not None:
            asked["starting_after"] = after
        return _listed(_shape(await self._disputes.list_async(asked)))

    async def list_one(self) -> None:
        """A call that does nothing, and needs the same right as the others."""
        await self._intents.list_async({"limit": 1})


def _under(key: UUID) -> stripe.RequestOptions:
    return {"idempotency_key": str(key)}


def _listed(page: Shape) -> tuple[list[Shape], bool]:
    """What is on a page of a list, and whether there are more."""
    listed = page.get("data")
    found: list[Shape] = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return found, page.get("has_more") is True


def _shape(found: object) -> Shape:
    if not isinstance(found, stripe.StripeObject):
        raise PartyUnavailable("Stripe gave an answer that we do not understand")
    shape: dict[str, object] = found.to_dict()
    return shape
