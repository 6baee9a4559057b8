"""One worker of each kind in one process, for a small system."""

from __future__ import annotations

from functools import partial

from workers import inventory, notifications, payments, projections, relay, saga, shipping, webhooks
from workers.runtime.app import WorkerApp
from workers.runtime.shared_process import sharing

MEMBERS = (
    saga.app,
    inventory.app,
    relay.app,
    projections.app,
    payments.app,
    shipping.app,
    notifications.app,
    webhooks.app,
)
"""In the order of their start."""

app = WorkerApp("workers", lifespan=partial(sharing, members=MEMBERS))
