"""Which kind of party answers at an address: found by asking for what no party has, so that nothing is done."""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

from commerce.outside.errors import Postponed
from commerce.values.errors import BadUsage, Unavailable
from workers.gateways.conformance.exchange import RecordingCaller
from workers.gateways.http_caller import path

PartyKind = Literal["provider", "carrier"]

_PROBES: tuple[tuple[PartyKind, str, str], ...] = (
    ("provider", path("v1", "authorizations", "auth_that_is_not", "void"), "authorization_not_found"),
    ("carrier", path("v1", "shipments", "ship_that_is_not", "cancellation"), "shipment_not_found"),
)


async def party_kind_of(url: str, named: PartyKind | None) -> PartyKind:
    """The kind that is named, or that the party's answers show.

    Raises `BadUsage` for an address that is not HTTP, and where nothing is named and the answers are those of neither
    kind; `Unavailable` where the party cannot be reached or does not take the credential.
    """
    async with RecordingCaller(url, lambda what: Unavailable(f"the party {what}")) as caller:
        shown = [await _shows(caller, asked, code) for _, asked, code in _PROBES]
    kinds = [kind for (kind, _, _), is_shown in zip(_PROBES, shown, strict=True) if is_shown]
    if named is not None and kinds in ([], [named]):
        return named
    if len(kinds) != 1:
        raise BadUsage("its answers show neither a payment provider nor a carrier: say which it is with --kind")
    if named is not None:
        raise BadUsage(f"its answers are those of a {kinds[0]}, not of a {named}")
    return kinds[0]


async def _shows(caller: RecordingCaller, asked: str, code: str) -> bool:
    """Whether the party knows this path. Raises `Unavailable` where it cannot be reached or refuses the credential."""
    try:
        reply = await caller.post(asked, uuid4(), {})
    except Unavailable as error:
        is_rejected = isinstance(error, Postponed) and error.cause == "credential_refused"
        if is_rejected or not caller.is_reached:
            raise
        return False
    return reply.body.get("code") == code
