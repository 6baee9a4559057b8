"""Snapshots of stock items: the streams that grow with every order."""

from __future__ import annotations

import sys

from commerce.eventstore import SNAPSHOT_INTERVAL_EVENTS, Snapshot, Snapshots, StreamHistory, is_due
from commerce.inventory import events, holdings, stock_item
from commerce.inventory.stock_item import StockItem, StockItemSnapshot


def snapshot_of(item: StockItem, since: int) -> StockItemSnapshot | None:
    """What to store of a stock item that went on from version `since`, if that is due."""
    if item.version // SNAPSHOT_INTERVAL_EVENTS == since // SNAPSHOT_INTERVAL_EVENTS:
        return None
    held = dict(item.held.items())
    if not is_due(since, item.version, len(held)):
        return None
    return StockItemSnapshot(
        originator_id=item.id,
        originator_version=item.version,
        code=STOCK_ITEMS.code,
        sku=item.sku,
        on_hand=item.on_hand,
        reserved=item.reserved,
        held=held,
    )


def _due(history: StreamHistory) -> Snapshot | None:
    if history.version // SNAPSHOT_INTERVAL_EVENTS == history.since // SNAPSHOT_INTERVAL_EVENTS:
        return None
    item = stock_item.fold(history.events)
    return None if item is None else snapshot_of(item, history.since)


STOCK_ITEMS = Snapshots(StockItemSnapshot, (events, holdings, stock_item, sys.modules[__name__]), _due)
"""How streams of stock items are snapshotted."""
