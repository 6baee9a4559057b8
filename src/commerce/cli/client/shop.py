"""Products, stock, orders and shipments through the client that is generated from the API's document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from commerce.cli.client.answers import (
    OrderAnswer,
    Placed,
    ProductAnswer,
    ShipmentAnswer,
    StockLevel,
    SubscriptionLagAnswer,
    Waits,
)
from commerce.cli.client.http_client import ApiRejection, RetryingClient
from commerce.values.errors import CommerceError
from commerce_client import AuthenticatedClient
from commerce_client.api.inventory import list_stock, receive_stock
from commerce_client.api.operation import list_subscriptions
from commerce_client.api.orders import cancel_order, get_order, get_process, list_orders, place_order
from commerce_client.api.products import get_product, put_product
from commerce_client.api.shipments import deliver_shipment, dispatch_shipment, list_shipments
from commerce_client.models.cancellation_request import CancellationRequest
from commerce_client.models.place_order import PlaceOrder
from commerce_client.models.put_product import PutProduct
from commerce_client.models.put_product_if_none_match import PutProductIfNoneMatch
from commerce_client.models.receive_stock import ReceiveStock
from commerce_client.types import UNSET, Response, Unset

_PAGE_ITEMS = 100

Answer = TypeVar("Answer", bound=BaseModel)


class _Page(Protocol):
    """What every list answers."""

    items: list[Any]
    next_cursor: str | None


class Shop:
    """What the demonstration and the play do. Raises what `RetryingClient` raises."""

    def __init__(self, http: RetryingClient) -> None:
        self._client = AuthenticatedClient(str(http.base_url), token="").set_async_httpx_client(http)  # it has its own

    async def product(self, sku: str) -> ProductAnswer | None:
        """A product as it is now; None where there is none."""
        try:
            return await _as(ProductAnswer, get_product.asyncio_detailed(sku, client=self._client))
        except ApiRejection as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def add_product(self, sku: str, product: PutProduct) -> bool:
        """Add a product; answers whether there was none. One that there is, on sale or not, stays as it is."""
        only_new = PutProductIfNoneMatch.VALUE_0
        try:
            await _accepted(
                put_product.asyncio_detailed(sku, client=self._client, body=product, if_none_match=only_new)
            )
        except ApiRejection as refused:
            if refused.status == HTTPStatus.PRECONDITION_FAILED:
                return False
            raise
        return True

    async def put_product(self, sku: str, product: PutProduct) -> None:
        """Add a product, or make it what is said here."""
        await _accepted(put_product.asyncio_detailed(sku, client=self._client, body=product))

    async def receive(self, sku: str, quantity: int, key: str) -> None:
        """Put pieces on the shelf, once for a key."""
        body = ReceiveStock(quantity=quantity)
        await _accepted(receive_stock.asyncio_detailed(sku, client=self._client, body=body, idempotency_key=key))

    async def place(self, order: PlaceOrder, key: str, wait: int) -> Placed:
        """Place an order, once per key, and wait up to `wait` seconds until it is completed."""
        prefer = f"wait={wait}" if wait else UNSET
        placing = place_order.asyncio_detailed(client=self._client, body=order, idempotency_key=key, prefer=prefer)
        return await _as(Placed, placing)

    async def order(self, order_id: UUID) -> OrderAnswer:
        """An order as it is now."""
        return await _as(OrderAnswer, get_order.asyncio_detailed(order_id, client=self._client))

    async def orders_of(self, reference: str) -> list[OrderAnswer]:
        """The orders that carry the shop's own reference: one at most in each channel."""

        def page(cursor: str | Unset) -> Awaitable[Response[Any]]:
            return list_orders.asyncio_detailed(
                client=self._client, reference=reference, cursor=cursor, limit=_PAGE_ITEMS
            )

        return [order async for order in _pages(OrderAnswer, page)]

    def orders(self) -> AsyncIterator[OrderAnswer]:
        """All orders of everybody, newest first."""
        return _pages(
            OrderAnswer,
            lambda cursor: list_orders.asyncio_detailed(client=self._client, cursor=cursor, limit=_PAGE_ITEMS),
        )

    def stock(self) -> AsyncIterator[StockLevel]:
        """What is on every shelf."""
        return _pages(
            StockLevel,
            lambda cursor: list_stock.asyncio_detailed(client=self._client, cursor=cursor, limit=_PAGE_ITEMS),
        )

    async def read_models(self) -> list[SubscriptionLagAnswer]:
        """How far every part of every read model is behind the log."""
        subscriptions = _pages(
            SubscriptionLagAnswer,
            lambda cursor: list_subscriptions.asyncio_detailed(client=self._client, cursor=cursor, limit=_PAGE_ITEMS),
        )
        return [subscription async for subscription in subscriptions if subscription.is_read_model]

    async def waits(self, order_id: UUID) -> Waits:
        """What an order waits for."""
        return await _as(Waits, get_process.asyncio_detailed(order_id, client=self._client))

    async def cancel(self, order_id: UUID, reason: str) -> None:
        """Ask for an order to be undone."""
        body = CancellationRequest(reason=reason)
        await _accepted(cancel_order.asyncio_detailed(order_id, client=self._client, body=body))

    async def shipments(self, order_id: UUID) -> list[ShipmentAnswer]:
        """The shipments of an order."""

        def page(cursor: str | Unset) -> Awaitable[Response[Any]]:
            return list_shipments.asyncio_detailed(order_id, client=self._client, cursor=cursor, limit=_PAGE_ITEMS)

        return [shipment async for shipment in _pages(ShipmentAnswer, page)]

    async def dispatch(self, shipment_id: UUID) -> None:
        """Say that a shipment left the house."""
        await _accepted(dispatch_shipment.asyncio_detailed(shipment_id, client=self._client))

    async def deliver(self, shipment_id: UUID) -> None:
        """Say that a shipment arrived."""
        await _accepted(deliver_shipment.asyncio_detailed(shipment_id, client=self._client))


async def _pages(of: type[Answer], page: Callable[[str | Unset], Awaitable[Response[Any]]]) -> AsyncIterator[Answer]:
    """All items of a list, fetched page by page."""
    cursor: str | Unset = UNSET
    while True:
        found: _Page = await _accepted(page(cursor))
        for item in found.items:
            yield _read(of, item)
        if found.next_cursor is None:
            return
        cursor = found.next_cursor


async def _as(of: type[Answer], call: Awaitable[Response[Any]]) -> Answer:
    return _read(of, await _accepted(call))


async def _accepted(call: Awaitable[Response[Any]]) -> Any:
    """What was answered; problems are errors before that. Raises `CommerceError` for what the document does not say."""
    try:
        answer = await call
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # what a generated shape does not understand
        raise CommerceError(f"the API gave an answer we do not understand: {type(error).__name__}: {error}") from None
    if answer.parsed is None:
        raise CommerceError(f"the API answered {answer.status_code.value}, which its document does not name")
    return answer.parsed


def _read(of: type[Answer], answer: object) -> Answer:
    """The part of an answer that the command line reads. Raises `CommerceError`."""
    try:
        return of.model_validate(answer, from_attributes=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise CommerceError(f"the API gave an answer we do not understand: {place}: {first['msg']}") from None
