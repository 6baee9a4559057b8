"""Several workers in one process: each does what it does by itself, on one store and one end of the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from structlog.contextvars import bound_contextvars

from commerce.eventstore import Tail
from commerce.runtime.heartbeats import reported
from workers.runtime.app import SharedLog, WorkerApp
from workers.runtime.subscriptions import process_store

_CONNECTIONS = 16
"""Sessions that the members share at most; each needs one or two at a time."""
_OF_THE_PROCESS = ("process_", "python_", "commerce_code")
"""Beginnings of the names of metrics that a process has once."""


@asynccontextmanager
async def sharing(app: WorkerApp, members: Sequence[WorkerApp]) -> AsyncIterator[None]:
    """Run members in the process of `app` until the block ends; the last one ends first.

    Sets the app's health and adds the members' metrics. Raises as `process_store` and the members' starts do.
    """
    async with process_store(app, connections=_CONNECTIONS) as store, AsyncExitStack() as stack:
        tail = Tail(store, None, known=store.known_topics)
        await tail.start()
        stack.push_async_callback(tail.stop)
        for member in members:
            member.shared = SharedLog(store, tail)
            with bound_contextvars(worker=member.name):  # the tasks that it starts keep the name
                await stack.enter_async_context(member.start_lifespan_context())

        async def health() -> dict[str, str]:
            return _by_member(members, await asyncio.gather(*(member.own_problems() for member in members)))

        app.health = health
        app.outside = lambda: _by_member(members, [member.outside() for member in members])
        app.parked = lambda: _by_member(members, [member.parked() for member in members])
        await stack.enter_async_context(reported(store.pool, {member.name: member.problems for member in members}))
        with app.measured_by(MembersCollector(members)):
            yield


def _by_member(members: Iterable[WorkerApp], each: Iterable[dict[str, str]]) -> dict[str, str]:
    """What members say of their parts, each part under its member's name."""
    pairs = zip(members, each, strict=True)
    return {f"{member.name}: {part}": said for member, parts in pairs for part, said in parts.items()}


class MembersCollector(Collector):
    """The members' metrics, told apart by the label `worker`."""

    def __init__(self, members: Sequence[WorkerApp]) -> None:
        self._members = members

    def collect(self) -> Iterable[Metric]:
        """The metrics as they are now."""
        found: dict[str, Metric] = {}
        for member in self._members:
            for metric in member.registry.collect():
                if not metric.name.startswith(_OF_THE_PROCESS):
                    of_all = found.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                    of_all.samples += [
                        sample._replace(labels={**sample.labels, "worker": member.name}) for sample in metric.samples
                    ]
        return found.values()
