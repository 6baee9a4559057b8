"""The composition root of the API: builds what a process needs from its settings, opens it, and closes it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from api import problems, readiness
from api.consistency import ReadModels
from api.documentation import DESCRIPTION, TAGS
from api.edge import Edge
from api.endings import Endings
from api.fingerprints import Fingerprints
from api.metrics import Metrics
from api.openapi_document import CommerceApi
from api.parts import Parts
from api.routers import (
    audit,
    docs,
    health,
    inventory,
    ops,
    orders,
    payments,
    processes,
    products,
    projections,
    reports,
    shipments,
)
from api.turns import Turns
from commerce.audit.reading import Readings
from commerce.catalog.price_list import PriceList
from commerce.eventstore.recording import Recording
from commerce.eventstore.store import open_store
from commerce.facts import FACTS
from commerce.heartbeats import reported
from commerce.ordering.reference import References
from commerce.payments.methods import PaymentMethods
from commerce.settings import Settings
from commerce.tokens import TokenVerifier, load_keys


def create_app(settings: Settings) -> FastAPI:
    """The application; nothing is opened before its lifespan begins."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_parts(settings) as parts:
            metrics.watch(parts.store.lane)
            app.state.parts = parts
            yield

    app = CommerceApi(
        title="commerce",
        version="1",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.metrics = metrics
    turns = Turns()
    metrics.watch_turns(turns)
    app.add_middleware(Edge, metrics=metrics, turns=turns)
    problems.install(app)
    for resource in (
        orders,
        products,
        inventory,
        payments,
        processes,
        shipments,
        reports,
        audit,
        ops,
        projections,
        health,
        docs,
    ):
        app.router.routes.extend(resource.router.routes)  # an included router would match each request twice
    app.call_directly(partial(Edge, metrics=metrics, turns=turns))
    return app


SLOWEST_QUERY = 8.0
"""Seconds: no client waits for a query for longer."""


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """What one API process needs, connected. Raises `BadUsage` for keys that are damaged and a database that is not usable."""
    keys = load_keys(settings)
    async with open_store(
        settings.required("database_url"), keys.master, "api", known=FACTS, slowest=SLOWEST_QUERY
    ) as store:
        endings = Endings(store)
        await endings.start()
        try:
            parts = Parts(
                store=store,
                recording=Recording(store.pool, store.lane),
                tokens=TokenVerifier(keys.verifying),
                fingerprints=Fingerprints(keys.master),
                references=References(keys.master),
                prices=PriceList(store),
                methods=PaymentMethods(store.pool),
                endings=endings,
                read_models=ReadModels(store.pool),
                readings=Readings(store),
            )
            async with reported(store.pool, "api", partial(readiness.problems, parts)):
                yield parts
        finally:
            await endings.stop()
