"""What the requests of one process share; made and closed by the application's lifespan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from api.consistency import ReadModels
from api.endings import Endings
from api.fingerprints import Fingerprints
from commerce.audit.reading import Readings
from commerce.catalog.price_list import PriceList
from commerce.catalog.pricing import known_sku
from commerce.eventstore.recording import Recording
from commerce.eventstore.store import EventStore
from commerce.ordering.reference import References
from commerce.payments.methods import PaymentMethods
from commerce.tokens import TokenVerifier


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a running API process."""

    store: EventStore
    recording: Recording
    tokens: TokenVerifier
    fingerprints: Fingerprints
    references: References
    prices: PriceList
    methods: PaymentMethods
    endings: Endings
    read_models: ReadModels
    readings: Readings


async def sku_of(request: Request, sku: str) -> str:
    """The SKU in a path as the catalogue knows it. Raises `Unavailable`."""
    return await known_sku(parts_of(request).store, sku)


def parts_of(request: Request) -> Parts:
    """The parts of the process that a request came to."""
    return cast(Parts, request.app.state.parts)
