"""A recipient out of an order's shipping address, in plain text only for as long as it is needed."""

from __future__ import annotations

import json

from workers.gateways.carrier import Recipient


def recipient_of(address: str, phone: str | None = None) -> Recipient:
    """Read a decrypted address: JSON with `name`, `line1`, `line2`, `city`, `region`, `postcode` and `country`."""
    fields: dict[str, str | None] = json.loads(address)
    return Recipient(
        name=fields["name"] or "",
        line1=fields["line1"] or "",
        line2=fields.get("line2"),
        city=fields["city"] or "",
        region=fields.get("region"),
        postcode=fields.get("postcode"),
        country=fields["country"] or "",
        phone=phone,
    )
