"""Inventory's subscription: it turns requests for stock into events of stock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from cachetools import LRUCache

from commerce.eventstore import EMPTY_WORK, Append, Event, EventStore, Metadata, Recorded, Subscription, Work
from commerce.inventory import reservation, stock_item
from commerce.inventory.reservation import Reservation
from commerce.inventory.snapshots import STOCK_ITEMS, snapshot_of
from commerce.inventory.stock_item import StockItem
from commerce.inventory.stock_requests import KnownStock, Reserve, StockRequest, decide
from commerce.values import ids

BY_INVENTORY = Metadata("service:inventory")

KEPT_STREAMS = 20_000
"""Stock items that are kept in memory between batches, at most."""

RequestOf = Callable[[Event], StockRequest]
"""What an event asks of inventory. Inventory does not know the events that ask: who builds the subscription does."""


class StockRequests:
    """Decides batches of requests against stock items that it keeps in memory between batches.

    Each `Work` names every stock item that it was decided on. Where another process changed one of them, the batch is
    decided again.
    """

    def __init__(self, store: EventStore, request_of: RequestOf, most_kept: int = KEPT_STREAMS) -> None:
        self._store = store
        self._request_of = request_of
        self._kept: LRUCache[str, StockItem] = LRUCache(most_kept)
        self._decided: Mapping[str, StockItem] = {}

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """The events that answer the requests of a batch, as one command per request."""
        requests = [self._request_of(recorded.event) for recorded in batch]
        reservations = await self._reservations(requests)
        wanted = _skus(requests, reservations.values())
        items, since = await self._items(wanted)
        stock = KnownStock(items, reservations)
        answers, after = decide(requests, stock)
        self._decided = after.items
        left = (snapshot_of(item, since[sku]) for sku, item in after.items.items())
        work = _work(batch, answers, _versions(wanted, stock))
        return replace(work, statements=[snapshot.statement() for snapshot in left if snapshot])

    def committed(self) -> None:
        """Keep the stock items as the last batch left them, and forget the ones that were not used for longest."""
        self._kept.update(self._decided)

    def discarded(self) -> None:
        """Forget everything: another process may have changed it."""
        self._kept.clear()
        self._decided = {}

    async def _reservations(self, requests: Sequence[StockRequest]) -> dict[UUID, Reservation]:
        orders = {ids.reservation_id(request.order_id): request.order_id for request in requests}
        histories = await self._store.read_streams(orders)
        folded = {
            order: reservation.fold(recorded.event for recorded in histories[stream])
            for stream, order in orders.items()
        }
        return {order: found for order, found in folded.items() if found is not None}

    async def _items(self, skus: Sequence[str]) -> tuple[dict[str, StockItem], dict[str, int]]:
        """The stock items there are of these, and for each the version since which a snapshot of it may be due."""
        items = {sku: self._kept[sku] for sku in skus if sku in self._kept}
        since = {sku: item.version for sku, item in items.items()}
        missing = {ids.stock_item_id(sku): sku for sku in skus if sku not in items}
        histories = await self._store.read_histories(dict.fromkeys(missing, STOCK_ITEMS)) if missing else {}
        for history in histories.values():
            item = stock_item.fold(history.events)
            if item is not None:
                items[item.sku], since[item.sku] = item, history.since
        return items, since


def inventory_subscription(topics: frozenset[str], request_of: RequestOf) -> Subscription:
    """The subscription of the inventory worker: one partition, as orders share stock items.

    `topics` are the events that ask for stock; `request_of` says what one of them asks for.
    """
    return Subscription("inventory", topics, lambda store, _: StockRequests(store, request_of), partitions=1)


def _skus(requests: Sequence[StockRequest], reservations: Iterable[Reservation]) -> list[str]:
    """Every SKU that a batch can touch, once."""
    asked = [line.sku for request in requests if isinstance(request, Reserve) for line in request.lines]
    return list(dict.fromkeys(asked + [line.sku for held in reservations for line in held.lines]))


def _versions(skus: Sequence[str], stock: KnownStock) -> dict[UUID, int]:
    return {ids.stock_item_id(sku): stock.items[sku].version if sku in stock.items else 0 for sku in skus}


def _work(batch: Sequence[Recorded], answers: Sequence[Sequence[Event]], versions: Mapping[UUID, int]) -> Work:
    """One command per answered request; the first names the stock items that were looked at and stay as they are."""
    changed = {event.originator_id for events in answers for event in events}
    unchanged = tuple((stream, version) for stream, version in versions.items() if stream not in changed)
    appends = [
        Append(events, recorded.correlation_id, BY_INVENTORY, causation_id=recorded.position)
        for recorded, events in zip(batch, answers, strict=True)
        if events
    ]
    if not appends:
        return EMPTY_WORK
    return Work(appends=[replace(appends[0], unchanged=unchanged), *appends[1:]])
