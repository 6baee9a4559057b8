"""What every worker process shares: where it listens, its health, its metrics, its log, and an orderly start
and end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nats.errors
import stamina
import structlog
from faststream.asgi.response import AsgiResponse, JSONResponse
from faststream.nats import NatsBroker
from faststream.specification import AsyncAPI
from prometheus_client import CollectorRegistry, GCCollector, Info, PlatformCollector, ProcessCollector, make_asgi_app
from prometheus_client.registry import Collector

from commerce.eventstore import EventStore, Tail
from commerce.runtime.code_version import METRIC, code_version
from commerce.runtime.garbage import collect_rarely
from commerce.runtime.logs import configure_logs
from commerce.values.errors import BadUsage
from workers.runtime.faststream_internals import HookedApp

if TYPE_CHECKING:
    from faststream.asgi.types import ASGIApp, Message, Receive, Scope, Send

    from workers.runtime.faststream_internals import SettingField

Health = Callable[[], Awaitable[dict[str, str]]]
"""Says what is wrong, by the name of the part; empty where all is well."""

Lifespan = Callable[["WorkerApp"], AbstractAsyncContextManager[None]]
"""What a worker does from its start to its end, around the broker's; it may set the app's `health` and `site`."""

HEALTH_TIMEOUT_S = 2.0
"""After this long a health check counts as failing."""

LISTENING: dict[str, SettingField] = {
    "host": "127.0.0.1",
    "port": 0,  # a free one: uvicorn's own default is the API's
    "access_log": "false",
    "lifespan": "on",
    "log_config": None,
    # longer than any of our clients keeps a connection, so that none is closed under a request
    "timeout_keep_alive": 30,
    "timeout_graceful_shutdown": 10,
}
"""How a worker is served where the command line does not say otherwise."""

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SharedLog:
    """What the workers of one process share: the store, and the end of the log, of which each event is read once."""

    store: EventStore
    tail: Tail


class WorkerApp(HookedApp):
    """One worker process: `GET /health`, `GET /metrics`, its brokers, its `lifespan`, and a `site` for all other
    paths.

    With the broker down it starts, says so in `/health`, and goes on trying. A lifespan that fails ends the process: at
    the start with exit code 2 and one line for a `BadUsage`, later with exit code 1.
    """

    def __init__(
        self,
        name: str,
        *brokers: NatsBroker,
        lifespan: Lifespan | None = None,
        health: Health | None = None,
        registry: CollectorRegistry | None = None,
    ) -> None:
        """Describe the worker; nothing is opened before it runs. Hand in the `registry` of the broker's metrics."""
        self.name = name
        self.shared: SharedLog | None = None
        """The log as several workers of one process share it; None where the worker has a process of its own."""
        self.health = health
        self.outside: Callable[[], dict[str, str]] = dict
        """What is wrong outside this process, which no restart of it mends."""
        self.keys: Callable[[], dict[str, str]] = dict
        """Which master key this process needs and cannot have."""
        self.parked: Callable[[], dict[str, str]] = dict
        """What waits for a person while everything else goes on."""
        self.site: ASGIApp | None = None
        self.registry = registry or CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        Info(METRIC, "The code that runs", registry=self.registry).info({"version": code_version()})
        self._failure: BaseException | None = None
        super().__init__(
            *brokers,
            asgi_routes=[("/health", self._answer_health), ("/metrics", make_asgi_app(self.registry))],
            logger=worker_logger(name),
            specification=AsyncAPI(title=f"commerce {name}"),
        )
        if lifespan is not None:
            self.lifespan_context = lambda **_options: lifespan(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the worker's own paths, and everything else from its site."""
        is_own = scope["type"] == "lifespan" or any(scope["path"] == path for path, _ in self.routes)
        if self.site is not None and not is_own:
            await self.site(scope, receive, send)
        elif scope["type"] == "http" and is_own and scope["method"] not in ("GET", "HEAD"):
            await answer_methods(scope, ("GET", "HEAD", "OPTIONS"))(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def run(
        self, log_level: int = logging.INFO, run_extra_options: dict[str, SettingField] | None = None
    ) -> None:
        """Serve until SIGINT or SIGTERM, then end in order with exit code 0."""
        os.umask(0o077)  # mails, ledgers and heads are their owner's alone
        configure_logs(self.name, log_level)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stopped)
        try:
            await super().run(log_level, {**LISTENING, **(run_extra_options or {})})
        except SystemExit:
            if isinstance(self._failure, BadUsage):
                raise SystemExit(2) from None
            raise
        if self._failure is not None:
            raise SystemExit(1)

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start and stop with the server; a failure is logged once, here, and ends the process."""
        started = False

        async def send_without_traceback(message: Message) -> None:
            nonlocal started
            if message["type"] == "lifespan.startup.complete":
                started = True
                collect_rarely()
            await send({**message, "message": ""} if message["type"].endswith(".failed") else message)

        try:
            await super().lifespan(scope, receive, send_without_traceback)
        except BadUsage as error:
            self._failure = error
            log.error(str(error))  # noqa: TRY400  # one clear line for the person who started it
            raise
        except BaseException as error:
            self._failure = error
            log.exception("the worker failed")
            if started:
                signal.raise_signal(signal.SIGTERM)  # or the server would go on without what it serves
            raise

    async def stop(self) -> None:
        """Leave the brokers; one that is down cannot be left in order, and its redelivery covers what was in flight."""
        try:
            await super().stop()
        except nats.errors.Error as error:
            log.warning("the broker was not left in order", reason=str(error))

    async def problems(self) -> dict[str, str]:
        """What is wrong now, by the name of the part: with this process, and with what it needs outside."""
        return await self.own_problems() | self.keys() | self.outside()

    async def own_problems(self) -> dict[str, str]:
        """What is wrong with this process: a broker without connection, or what `health` says."""
        found = {}
        for broker in self.brokers:
            if not (broker.running and await broker.ping(timeout=0.1)):
                found["broker"] = "not connected"
        if self.health is not None:
            found |= await _checked(self.health)
        return found

    async def _answer_health(self, scope: Scope, receive: Receive, send: Send) -> None:
        own, outside = await self.own_problems(), self.outside()
        if own or outside:
            said: dict[str, object] = {"status": "failing", "problems": own | outside}
            if not own:
                said["restart_helps"] = False
            response = JSONResponse(said, status_code=503)
        elif parked := self.parked():
            response = JSONResponse({"status": "degraded", "parked": parked})
        else:
            response = JSONResponse({"status": "ok"})
        await response(scope, receive, send)

    @contextmanager
    def measured_by(self, *collectors: Collector) -> Iterator[None]:
        """Show what these collectors measure, too, until the block ends."""
        with ExitStack() as stack:
            for collector in collectors:
                self.registry.register(collector)
                stack.callback(self.registry.unregister, collector)
            yield

    async def start_brokers(self) -> None:
        """Start every broker, as soon as its server answers."""
        for broker in self.brokers:
            async for attempt in stamina.retry_context(on=(nats.errors.Error, OSError), attempts=None, timeout=None):
                with attempt:
                    await broker.start()


def answer_methods(scope: Scope, methods: Iterable[str]) -> AsgiResponse:
    """What a path can be asked with: the answer to OPTIONS, and to all methods that it does not take."""
    names = ", ".join(methods)
    if scope["method"] == "OPTIONS":
        return AsgiResponse(b"", 204, {"Allow": names})
    return JSONResponse({"detail": f"this path can be asked with {names}"}, 405, {"Allow": names})


def worker_logger(name: str) -> logging.Logger:
    """The logger to hand to a broker (`NatsBroker(logger=…)`), as its own writes coloured lines past our JSON."""
    return logging.getLogger(f"workers.{name}")


async def _checked(health: Health) -> dict[str, str]:
    """Ask once; a check that raises or does not answer in time is itself the problem."""
    check = asyncio.ensure_future(health())
    done, _ = await asyncio.wait({check}, timeout=HEALTH_TIMEOUT_S)
    if not done:
        check.cancel()
        return {"health": f"no answer within {HEALTH_TIMEOUT_S:g} s"}
    error = check.exception()
    return {"health": type(error).__name__} if error else check.result()


def _stopped(_number: int, _frame: object) -> None:
    """Swallow the signal that uvicorn raises once more after it has stopped in order."""
