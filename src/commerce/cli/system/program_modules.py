"""What the processes of a system are made of: all of them are forks of one that has imported it."""

from __future__ import annotations

from pathlib import Path

from commerce.forks.server import ForkServer

ROOT = Path(__file__).resolve().parents[4]
"""The clone: `api` and `workers` are run from here."""

PREPARED = (
    "api.__main__",
    "faststream.__main__",
    "workers.provider_simulator",
    "workers.carrier_simulator",
    "workers.all_workers",
)
"""The programs and workers, in the order in which `commerce up` starts them."""


def fork_server(**environment: str) -> ForkServer:
    """What forks the processes of a system; the prepared process has these variables beside those it needs."""
    return ForkServer(PREPARED, ROOT, **environment)
