"""Inventory's subscription: it turns requests for stock into events of stock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from cachetools import LRUCache

from commerce.eventstore import (
    EMPTY_WORK,
    Append,
    Blamed,
    Event,
    EventStore,
    Metadata,
    Recorded,
    Subscription,
    Work,
)
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


class _NoOrder(Exception):
    """A request does not say of which order it is, so its answer could not."""


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
        """The events that answer the requests of a batch, as one command per request.

        Raises `EventFailed` for a request that cannot be read or names no order, or whose reservation or stock item
        cannot be read.
        """
        requests = []
        for recorded in batch:
            with Blamed(recorded):
                _require_order(recorded)
                requests.append(self._request_of(recorded.event))
        reservations = await self._reservations(batch, requests)
        wanted = _skus(requests, reservations.values())
        items, since = await self._items_for(batch, requests, reservations, wanted)
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

    async def _reservations(
        self, batch: Sequence[Recorded], requests: Sequence[StockRequest]
    ) -> dict[UUID, Reservation]:
        orders = {ids.reservation_id(request.order_id): request.order_id for request in requests}
        histories = await self._store.read_streams(orders)
        found: dict[UUID, Reservation] = {}
        for recorded, request in zip(batch, requests, strict=True):
            with Blamed(recorded):
                held = reservation.fold(event.event for event in histories[ids.reservation_id(request.order_id)])
            if held is not None:
                found[request.order_id] = held
        return found

    async def _items_for(
        self,
        batch: Sequence[Recorded],
        requests: Sequence[StockRequest],
        reservations: Mapping[UUID, Reservation],
        wanted: Sequence[str],
    ) -> tuple[dict[str, StockItem], dict[str, int]]:
        """As `_items`. Raises `EventFailed` for the first request that is about a stock item which cannot be read."""
        try:
            return await self._items(wanted)
        except Exception:
            for recorded, request in zip(batch, requests, strict=True):
                for sku in _skus_of(request, reservations):
                    with Blamed(recorded, broken=f"sku:{sku}"):
                        await self._items([sku])
            raise

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


def _require_order(recorded: Recorded) -> None:
    if recorded.correlation_id is None:
        raise _NoOrder(f"{recorded.topic} names no order")


def inventory_subscription(topics: frozenset[str], request_of: RequestOf) -> Subscription:
    """The subscription of the inventory worker: one partition, as orders share stock items.

    `topics` are the events that ask for stock; `request_of` says what one of them asks for. A request waits for its
    order, and for the stock items that it reserves, while one of these is parked.
    """

    def stock_items(recorded: Recorded) -> Sequence[str]:
        try:
            request = request_of(recorded.event)
        except Exception:  # noqa: BLE001 - what cannot be read is about no stock item that anybody knows
            return ()
        return [f"sku:{sku}" for sku in _skus_of(request, {})]

    return Subscription(
        "inventory",
        topics,
        lambda store, _: StockRequests(store, request_of),
        partitions=1,
        further_sequences=stock_items,
    )


def _skus_of(request: StockRequest, reservations: Mapping[UUID, Reservation]) -> list[str]:
    """Every SKU that a request can touch."""
    held = reservations.get(request.order_id)
    lines = request.lines if isinstance(request, Reserve) else held.lines if held else ()
    return list(dict.fromkeys(line.sku for line in lines))


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
