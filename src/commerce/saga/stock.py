"""Carries out what processes ask of inventory: the follower that turns requests for stock into facts of stock."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from commerce import ids
from commerce.eventstore.event import Event
from commerce.eventstore.followers import NOTHING, Follower, Work
from commerce.eventstore.records import Append, Metadata, Recorded
from commerce.eventstore.snapshots import saving
from commerce.eventstore.store import EventStore
from commerce.inventory import reservation, stock_item
from commerce.inventory.events import Quantity
from commerce.inventory.reservation import Reservation
from commerce.inventory.reserving import Dispatch, Release, Request, Reserve, Stock, decide
from commerce.inventory.snapshots import STOCK_ITEMS, snapshot_of
from commerce.inventory.stock_item import StockItem
from commerce.saga.events import StockDispatchRequested, StockReleaseRequested, StockReservationRequested

BY_INVENTORY = Metadata("service:inventory")

MOST_KEPT = 20_000
"""How many stock items are kept in memory between batches."""


class StockRequests:
    """Decides batches of requests against stock items that it keeps in memory between batches.

    Each `Work` names every stock item it was decided on, so that one that somebody else changed makes the batch be decided again.
    """

    def __init__(self, store: EventStore, most_kept: int = MOST_KEPT) -> None:
        self._store = store
        self._most_kept = most_kept
        self._kept: OrderedDict[str, StockItem] = OrderedDict()
        self._decided: Mapping[str, StockItem] = {}

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """The facts that answer the requests of a batch, as one command per request."""
        requests = [_request(recorded.event) for recorded in batch]
        reservations = await self._reservations(requests)
        wanted = _skus(requests, reservations.values())
        items, since = await self._items(wanted)
        stock = Stock(items, reservations)
        answers, after = decide(requests, stock)
        self._decided = after.items
        left = (snapshot_of(item, since[sku]) for sku, item in after.items.items())
        work = _work(batch, answers, _versions(wanted, stock))
        return replace(work, statements=[saving(snapshot) for snapshot in left if snapshot])

    def committed(self) -> None:
        """Keep the stock items as the last batch left them, and forget the ones that were not used for longest."""
        for sku, item in self._decided.items():
            self._kept[sku] = item
            self._kept.move_to_end(sku)
        while len(self._kept) > self._most_kept:
            self._kept.popitem(last=False)

    def discarded(self) -> None:
        """Forget everything: somebody else may have changed it."""
        self._kept.clear()
        self._decided = {}

    async def _reservations(self, requests: Sequence[Request]) -> dict[UUID, Reservation]:
        orders = {ids.reservation_id(request.order_id): request.order_id for request in requests}
        histories = await self._store.read_streams(orders)
        folded = {order: reservation.fold(_events(histories[stream])) for stream, order in orders.items()}
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


def follower() -> Follower:
    """The follower of the inventory worker: one partition, as orders share stock items."""
    topics = {StockReservationRequested.TOPIC, StockReleaseRequested.TOPIC, StockDispatchRequested.TOPIC}
    return Follower("inventory", frozenset(topics), lambda store, _: StockRequests(store), partitions=1)


def _request(event: Event) -> Request:
    match event:
        case StockReservationRequested():
            lines = tuple(Quantity(sku=line.sku, quantity=line.quantity) for line in event.wanted)
            return Reserve(event.order_id, event.request_id, lines)
        case StockReleaseRequested():
            return Release(event.order_id, event.request_id)
        case StockDispatchRequested():
            return Dispatch(event.order_id, event.request_id)
    raise TypeError(f"{type(event).__name__} is not a request for stock")


def _skus(requests: Sequence[Request], reservations: Iterable[Reservation]) -> list[str]:
    """Every SKU that a batch can touch, once."""
    asked = [line.sku for request in requests if isinstance(request, Reserve) for line in request.lines]
    return list(dict.fromkeys(asked + [line.sku for held in reservations for line in held.lines]))


def _versions(skus: Sequence[str], stock: Stock) -> dict[UUID, int]:
    return {ids.stock_item_id(sku): stock.items[sku].version if sku in stock.items else 0 for sku in skus}


def _work(batch: Sequence[Recorded], answers: Sequence[Sequence[Event]], versions: Mapping[UUID, int]) -> Work:
    """One command per answered request; the first names the stock items that were looked at and stay as they are."""
    changed = {fact.originator_id for facts in answers for fact in facts}
    unchanged = tuple((stream, version) for stream, version in versions.items() if stream not in changed)
    appends: list[Append] = []
    for recorded, facts in zip(batch, answers, strict=True):
        if facts:
            appends.append(
                Append(
                    facts,
                    recorded.correlation_id,
                    BY_INVENTORY,
                    causation_id=recorded.position,
                    unchanged=() if appends else unchanged,
                )
            )
    return Work(appends=appends) if appends else NOTHING


def _events(history: Sequence[Recorded]) -> Iterable[Event]:
    return (recorded.event for recorded in history)
