"""Runs the checks that standard input asks for, and prints what they find: a line each, or one JSON document.

Exit code 0: all is as it must be; 1: something is not, or the party cannot be asked; 2: bad use; 130: interrupted.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace

from yarl import URL

from commerce.runtime.standard_streams import ends_unread, write_utf8
from commerce.values.errors import BadUsage, CommerceError
from workers.gateways.conformance.carrier_checks import CARRIER_CHECKS
from workers.gateways.conformance.carrier_desk import CarrierDesk
from workers.gateways.conformance.check_run import CheckResult, results
from workers.gateways.conformance.credential import hidden
from workers.gateways.conformance.party_kind import PartyKind, party_kind_of
from workers.gateways.conformance.payment_checks import PAYMENT_CHECKS
from workers.gateways.conformance.payment_desk import PaymentDesk
from workers.gateways.conformance.terms import Terms

_NAMES: dict[PartyKind, str] = {"provider": "payment provider", "carrier": "carrier"}


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What is to be checked; its URL may hold a password, so it comes by standard input, which `ps` does not show."""

    url: str
    kind: PartyKind | None
    as_json: bool
    terms: Terms


def _results(url: str, kind: PartyKind, terms: Terms) -> AsyncIterator[CheckResult]:
    """What each check of a party finds. Raises `BadUsage`."""
    if kind == "provider":
        return results(PAYMENT_CHECKS, PaymentDesk(url, terms))
    return results(CARRIER_CHECKS, CarrierDesk(url, terms))


def main() -> int:
    """Run the checks and return the exit code."""
    write_utf8()
    asked = json.load(sys.stdin)
    request = CheckRequest(asked["url"], asked["kind"], asked["as_json"], Terms(**asked["terms"]))
    try:
        return asyncio.run(_run(request))
    except CommerceError as error:
        print(f"commerce: {' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, BadUsage) else 1
    except KeyboardInterrupt:
        return 130


async def _run(request: CheckRequest) -> int:
    kind = await party_kind_of(request.url, request.kind)
    seen: list[CheckResult] = []
    async for found in _results(request.url, kind, request.terms):
        result = _hiding(request.url, found)
        seen.append(result)
        if not request.as_json:
            print(_line(result), flush=True)
    counts = {each: sum(one.result == each for one in seen) for each in ("ok", "failed", "skipped")}
    address = str(URL(request.url).with_user(None).with_query(None))
    if request.as_json:
        checks = [asdict(one) for one in seen]
        print(json.dumps({"kind": kind, "address": address, **counts, "checks": checks}, indent=2))
    else:
        print(f"{_NAMES[kind]} at {address}: " + ", ".join(f"{count} {each}" for each, count in counts.items()))
    return 1 if counts["failed"] else 0


def _line(result: CheckResult) -> str:
    if result.result == "failed":
        return (
            f"FAILED   {result.name}: {result.rule}; asked: {result.asked}; answered: {result.answered};"
            f" right: {result.right}"
        )
    return f"{result.result:8} {result.name}: {result.rule}" + (f" ({result.answered})" if result.answered else "")


def _hiding(url: str, result: CheckResult) -> CheckResult:
    asked, answered, right = (hidden(url, text) for text in (result.asked, result.answered, result.right))
    return replace(result, asked=asked, answered=answered, right=right)


if __name__ == "__main__":
    with ends_unread():
        sys.exit(main())
