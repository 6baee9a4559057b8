"""`commerce reconcile`: compare the ledgers of payment provider and carrier with ours."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Annotated

import typer

_COMPARER = [sys.executable, "-P", "-m", "workers.reconciliation"]
"""A process of its own, as it uses the gateways of the workers; `-P`: none of the folder that it is run in."""


def reconcile(
    *,
    days: Annotated[int | None, typer.Option(min=1, max=366, help="What moved in as many; else as is set.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Compare what moved at the payment provider and the carrier with what is on record. Each difference is a case
    (`commerce cases`), once; one that has gone is said, and its case closed.

    Exit code 0: the ledgers agree, but for what a person has settled; 1: something differs, or could not be compared;
    2: bad use.
    """
    asked = json.dumps({"days": days, "as_json": as_json})
    return subprocess.run(_COMPARER, input=asked, encoding="utf-8", check=False).returncode
