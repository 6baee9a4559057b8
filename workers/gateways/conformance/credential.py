"""Whether a party asks for the name and password in its address, and what of them must not be printed."""

from __future__ import annotations

import base64
import re
from uuid import uuid4

from yarl import URL

from commerce.outside.errors import Postponed
from commerce.values.errors import Unavailable
from workers.gateways.conformance.carrier_desk import CarrierDesk
from workers.gateways.conformance.exchange import Mismatch, NotOffered, RecordingCaller
from workers.gateways.conformance.payment_desk import PaymentDesk
from workers.gateways.http_caller import path

RULE = "a call without the name and password is rejected with 401, 403 or 407"
_HIDDEN = "***"
_RIGHT = "401, 403 or 407 to a call without the name and password of the address"


async def is_asked_for(desk: PaymentDesk | CarrierDesk) -> None:
    """See that a call without the credential is not answered. Raises `Mismatch`, `NotOffered`."""
    address = URL(desk.url)
    if address.user is None and address.password is None:
        raise NotOffered("the address holds no name and password")
    caller = RecordingCaller(str(address.with_user(None)), Unavailable)
    try:
        async with caller:
            await caller.get(path("v1", "operations", str(uuid4())))
    except Postponed as error:
        if error.cause == "credential_refused":
            return
    except Unavailable:
        pass
    raise Mismatch(_RIGHT, asked=f"{caller.asked} without a credential", answered=caller.answered)


def hidden(url: str, text: str) -> str:
    """A text without the name and password of an address, should a party have repeated them."""
    address = URL(url)
    name, password = address.user or "", address.password or ""
    sent = base64.b64encode(f"{name}:{password}".encode()).decode() if name or password else ""
    for secret in filter(None, (sent, password)):
        text = text.replace(secret, _HIDDEN)
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _HIDDEN, text) if name else text
