"""Prices: what many products cost in one currency or another, set by operators."""

from __future__ import annotations

from fastapi import Request, Response

from api.auth import Admitted
from api.bulk import import_kinds
from api.bulk.import_answer import ImportAnswer
from api.http.resource import Resource
from api.openapi.headers import IDEMPOTENCY_KEY
from api.schemas.bulk import IMPORTED, FromLine
from api.schemas.products import ImportPrice

router = Resource("/api/v1/prices", "products")


@router.command("POST", ":import", IMPORTED, problems=(400, 413, 415), reads=(IDEMPOTENCY_KEY,), lines=ImportPrice)
async def import_prices(request: Request, caller: Admitted, from_line: FromLine = 1) -> Response:
    """Import prices, that of a product in one currency on each line.

    Each line is a command of its own, and a wrong one stops no other. The `Idempotency-Key` names the import: a line
    that is sent again under it, with the same number, is answered as before, and done once.
    """
    return ImportAnswer(request, caller, import_kinds.PRICES, from_line)
