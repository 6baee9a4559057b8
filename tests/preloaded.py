"""Imports what our workers import, but for the workers: those read their settings as they are imported."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module

_PROGRAM = "faststream.__main__"
MODULES = (
    _PROGRAM,
    "workers.outbox.message_schemas",
    "workers.reconciliation.ledgers",
    "workers.runtime.consumers",
    "workers.runtime.party_worker",
    "workers.runtime.subscriptions",
    "workers.simulation.card_payments",
    "workers.simulation.site",
)

warnings.simplefilter("error")
for name in MODULES:
    import_module(name)
del sys.modules[_PROGRAM]  # it is run, and a module that is run must not be there yet
