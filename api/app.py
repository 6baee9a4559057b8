"""The composition root of the API: builds what a process needs from its settings, opens it, and closes it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute

from api import readiness
from api.bulk.slots import BulkSlots
from api.console import pages as console
from api.context import AppContext, OrderingTerms, WebhookTerms
from api.frontends.mobile import orders as mobile
from api.frontends.partner import pages as partner
from api.frontends.web import pages as web
from api.http import error_handlers
from api.http.cross_origin import SHARED
from api.http.direct_call import DirectCalls
from api.http.edge import Edge
from api.http.fingerprints import Fingerprints
from api.http.form_body import form_paths
from api.http.rate_limits import RateLimits, groups_of
from api.http.request_checks import FORM, lines_form
from api.http.resource import line_paths, require_rules, tell_paths_apart
from api.http.turns import Turns
from api.live.feed import Feed
from api.live.shared import SharedPages
from api.metrics import Metrics
from api.oidc.external_tokens import external_tokens
from api.openapi.document import openapi_document
from api.orders.completion import ENDS, Completions
from api.pages.routes import page_of_problem
from api.queries.consistency import ReadModels
from api.queries.signed_log import SignedLog
from api.routers import all_resources, docs, orders, problem_pages
from api.schemas.order_requests import PlaceOrder
from commerce.audit.access_records import AccessRecords
from commerce.audit.outside_calls import CallCounts
from commerce.catalog.price_list import PriceList
from commerce.credentials.password_hashes import PasswordHashes
from commerce.customers.accounts import Accounts
from commerce.customers.erasure_commands import reapply_erasures
from commerce.customers.erasure_file import ErasureFile
from commerce.events import EVENTS
from commerce.eventstore import Tail, WriteProbe, open_store
from commerce.machines.key_checks import ApiKeys
from commerce.ordering.reference import References
from commerce.payments.methods import PaymentMethods
from commerce.runtime.heartbeats import reported
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import TokenVerifier, load_keys
from commerce.saga.limit_settings import process_limits
from commerce.staff.accounts import StaffAccounts, StaffTerms
from commerce.staff.session_checks import StaffSessions

RESOURCES = tuple(all_resources())
"""Imported with this module, so that forks of a process which has imported it need not do that."""


def create_app(settings: Settings) -> FastAPI:
    """The application. It opens no connection before its lifespan begins. Raises `RouteWithoutRule`."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_context(settings) as context:
            metrics.watch(context.store.queue)
            metrics.watch_feed(context.feed)
            app.state.context = context
            yield

    app = FastAPI(
        title="commerce",
        version="1",
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    for router in (*RESOURCES, problem_pages.router, docs.router):
        app.router.routes.extend(router.routes)  # an included router would match each request twice
    app.router.routes.extend(
        (*console.all_pages(), *web.shop_pages(), *mobile.routes, *partner.open_routes, *partner.pages.routes)
    )
    require_rules(app.routes)
    tell_paths_apart(app.routes)
    app.openapi = cache(partial(openapi_document, app))  # type: ignore[method-assign]
    app.state.metrics = metrics
    app.state.shared_pages = SharedPages()
    turns = Turns()
    metrics.watch_turns(turns)
    limits = RateLimits(settings, groups_of(route.path for route in app.routes if isinstance(route, APIRoute)))
    app.state.limits = limits
    direct = DirectCalls(app.routes)
    direct.add_command(orders.place_order, PlaceOrder)
    direct.add_query(orders.get_order)
    forms = dict.fromkeys(form_paths(app.routes), FORM)
    lines = dict.fromkeys(line_paths(app.routes), lines_form(settings.import_bytes))
    app.add_middleware(Edge, metrics=metrics, turns=turns, limits=limits, direct=direct, bodies=forms | lines)
    if origins := settings.checked_origins():
        app.add_middleware(CORSMiddleware, allow_origins=origins, **SHARED)
    error_handlers.install(app, page_of_problem)
    return app


SLOWEST_QUERY_S = 8.0
"""PostgreSQL ends a query of this process after this time."""


@asynccontextmanager
async def open_context(settings: Settings) -> AsyncIterator[AppContext]:
    """What one API process needs, connected; erasures that the database does not know, as an older backup was restored,
    are applied before it serves.

    Raises `BadUsage` for damaged keys, and for a database that cannot be used.
    """
    keys, external = load_keys(settings), external_tokens(settings)
    async with open_store(
        settings.required("database_url"), keys.master, "api", known=EVENTS, slowest=SLOWEST_QUERY_S
    ) as store:
        await reapply_erasures(store, ErasureFile(settings.audit_folder, store.keys))
        completions, feed = Completions(store), Feed(store, settings.api_streams)
        tail = Tail(store, ENDS, awaiting=lambda: completions.awaited or feed.awaited)
        await tail.start()
        completions.start(tail)
        feed.start(tail)
        hashes, signing_secret = PasswordHashes(), keys.signing.private_bytes_raw()
        accounts = Accounts.of(store, signing_secret, hashes, settings.session_s)
        terms = StaffTerms(settings.staff_session_s, settings.staff_idle_s)
        staff = StaffAccounts.of(store, signing_secret, hashes, terms)
        try:
            context = AppContext(
                store=store,
                recording=WriteProbe(store.pool, store.queue),
                tokens=TokenVerifier(keys.verifying, break_glass=settings.break_glass_tokens == "on"),
                external_tokens=external,
                fingerprints=Fingerprints(store.keys),
                references=References(store.keys),
                prices=PriceList(store),
                methods=PaymentMethods(store.pool),
                tail=tail,
                completions=completions,
                feed=feed,
                read_models=ReadModels(store.pool),
                bulk=BulkSlots(),
                largest_import_bytes=settings.import_bytes,
                signed_log=SignedLog(store.pool, settings),
                calls=CallCounts(store.pool),
                access_records=AccessRecords(store),
                ordering=OrderingTerms(settings.customers, settings.guests, settings.idempotency_s),
                has_public_catalogue=settings.public_catalogue == "on",
                accounts=accounts,
                staff=staff,
                staff_sessions=StaffSessions(staff),
                signing=keys.signing,
                api_keys=ApiKeys(store),
                limits=process_limits(settings),
                webhooks=WebhookTerms(
                    settings.provider, settings.checked_webhook_secret(), settings.webhook_allow_private
                ),
            )
            masters = store.keys.masters
            async with masters.followed(), reported(store.pool, {"api": partial(readiness.problems, context)}):
                yield context
        finally:
            await feed.stop()
            await completions.stop()
            await tail.stop()
            hashes.close()
