"""`commerce gateway check`: whether a payment provider or a carrier speaks the protocol of `docs/gateways.md`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Annotated, Literal

import typer

_CHECKER = [sys.executable, "-P", "-m", "workers.gateways.conformance"]
"""A process of its own, as the checks use the gateways of the workers; `-P`: none of the folder that it is run in."""


def check(
    url: Annotated[str, typer.Argument(help="Address of a TEST system: https://NAME:PASSWORD@HOST:PORT.")],
    *,
    kind: Annotated[Literal["provider", "carrier"] | None, typer.Option(help="Without it, the answers decide.")] = None,
    payment_method: Annotated[str, typer.Option(help="One that the provider accepts.")] = "pm_card_ok",
    declined_method: Annotated[str, typer.Option(help="One that it always declines.")] = "pm_card_declined",
    action_method: Annotated[str, typer.Option(help="One that its customer has to confirm.")] = "pm_card_action",
    currency: Annotated[str, typer.Option(help="One that it takes (ISO 4217).")] = "EUR",
    country: Annotated[str, typer.Option(help="One that the carrier serves (ISO 3166-1).")] = "DE",
    unserved_country: Annotated[str, typer.Option(help="One that it does not serve.")] = "AQ",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Ask a payment provider's or a carrier's test system everything that the protocol says, and judge its answers.

    It sets test money aside, takes it and gives it back, or books test shipments. It ends within five minutes.

    Exit code 0: all is as it must be; 1: something is not, or the party cannot be asked; 2: bad use.
    """
    terms = {
        "payment_method": payment_method,
        "declined_method": declined_method,
        "action_method": action_method,
        "currency": currency,
        "country": country,
        "unserved_country": unserved_country,
    }
    request = {"url": url, "kind": kind, "as_json": as_json, "terms": terms}
    return subprocess.run(_CHECKER, input=json.dumps(request), encoding="utf-8", check=False).returncode
