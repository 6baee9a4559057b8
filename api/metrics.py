"""The metrics of one API process. No label carries an id, or anything else that a client chooses."""

from __future__ import annotations

from functools import lru_cache, partial

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)

from api.http.connections import Connections
from api.http.turns import Turns
from api.live.feed import Feed
from commerce.eventstore import AppendQueue, AppendQueueCollector
from commerce.runtime.code_version import METRIC, code_version

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_IMPORT_BUCKETS = (0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Metrics:
    """The metrics of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        Info(METRIC, "The code that runs", registry=self.registry).info({"version": code_version()})
        self._seconds = Histogram(
            "commerce_api_request_seconds",
            "Requests by route and status, and how long they took",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.connections_ended = Counter(
            "commerce_api_connections_ended",
            "Connections that were ended because no request came in time, or because there were too many",
            ("reason",),
            registry=self.registry,
        )
        self.streams_ended = Counter(
            "commerce_api_streams_ended",
            "Streams of events that have ended, by why: the client left, or the type of the last event",
            ("reason",),
            registry=self.registry,
        )
        self.import_lines = Counter(
            "commerce_api_import_lines",
            "Lines of imports, by what is imported and whether they were accepted",
            ("kind", "result"),
            registry=self.registry,
        )
        self.import_seconds = Histogram(
            "commerce_api_import_seconds",
            "How long imports took, by what is imported",
            ("kind",),
            buckets=_IMPORT_BUCKETS,
            registry=self.registry,
        )
        self._of = lru_cache(maxsize=2048)(self._child)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._of(method if method in METHODS else "other", route, status).observe(seconds)

    def watch(self, queue: AppendQueue) -> None:
        """Export the metrics of this append queue from now on."""
        self.registry.register(AppendQueueCollector(queue))

    def watch_turns(self, turns: Turns) -> None:
        """Export how many requests run, and how many wait for their turn."""
        running = Gauge("commerce_api_requests_running", "Requests worked on", ("kind",), registry=self.registry)
        waiting = Gauge("commerce_api_requests_waiting", "Requests not yet begun", ("kind",), registry=self.registry)
        for kind, line in turns.lines.items():
            running.labels(kind).set_function(partial(getattr, line, "running"))
            waiting.labels(kind).set_function(partial(getattr, line, "waiting"))

    def watch_connections(self, connections: Connections) -> None:
        """Export how many connections are open."""
        open_now = Gauge("commerce_api_connections", "Connections of clients", registry=self.registry)
        open_now.set_function(lambda: connections.count)
        bound = Gauge("commerce_api_connections_bound", "How many there can be", registry=self.registry)
        bound.set(connections.most)

    def watch_feed(self, feed: Feed) -> None:
        """Export how many streams of events are open."""
        streams = Gauge("commerce_api_streams", "Streams of events that are open", registry=self.registry)
        streams.set_function(lambda: feed.streams)

    def _child(self, method: str, route: str, status: int) -> Histogram:
        return self._seconds.labels(method, route, str(status))
