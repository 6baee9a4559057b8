"""Bugs that are planted into a process, so that a test shows that the invariants find them. Each stands for one kind
of protection that is taken away. Some others are the harm itself, such as messages that are doubled."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from tests.faults.harm.import_hook import Patch
from tests.faults.harm.misbehaviour import LOSSES, NONSENSE, OUTAGE, misbehaving

_TELL_EARLY_S = 2.0
_SLOW_S = 0.2
_COPIES = 5
_NEVER_S = 86_400.0


def patches(bugs: Iterable[str], process: str) -> list[Patch]:
    """What plants these bugs, those of them that this process has."""
    return [(module, patch) for bug in bugs for name, module, patch in BUGS[bug] if name == process]


def _new_key_per_call(module: Any) -> None:
    """No party notices that a call is repeated."""
    post = module.HttpCaller.post

    async def posted(self: Any, path: str, _key: object, *rest: Any) -> Any:
        return await post(self, path, uuid4(), *rest)

    module.HttpCaller.post = posted


def _advance_unchecked(module: Any) -> None:
    """A batch is committed though another process has moved the position meanwhile."""
    send = module._send

    class Unchecked:
        def __init__(self, connection: Any) -> None:
            self._connection = connection

        async def execute(self, query: str, arguments: Sequence[Any] = ()) -> Any:
            if "commerce_advance" not in query:
                return await self._connection.execute(query, arguments)
            name, _, until, _ = arguments
            update = "UPDATE commerce_tracking SET notification_id = %s WHERE application_name = %s"
            return await self._connection.execute(update, [until, name])

    async def sent(connection: Any, together: Any) -> None:
        await asyncio.sleep(random.random() * _SLOW_S)
        await send(Unchecked(connection), together)

    module._send = sent


def _leases_for_all(module: Any) -> None:
    """Each process takes every partition."""

    async def take(self: Any, partition: str) -> bool:
        self.held.add(partition)
        return True

    async def shares(self: Any) -> dict[str, int]:
        return {subscription.name: subscription.partitions for subscription in self._subscriptions}

    module.Leases.take = take
    module.Leases.shares = shares


def _told_before_append(module: Any) -> None:
    """Orders are acknowledged, and appended two seconds later."""
    append = module.AppendQueue.append
    under_way: set[asyncio.Task[int]] = set()

    async def later(self: Any, command: Any) -> int:
        await asyncio.sleep(_TELL_EARLY_S)
        return int(await append(self, command))

    async def appended(self: Any, command: Any) -> int:
        if any(event.TOPIC == "ordering.OrderPlaced" for event in command.events):
            task = asyncio.create_task(later(self, command))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            return 0
        return int(await append(self, command))

    module.AppendQueue.append = appended


def _nothing_to_undo(module: Any) -> None:
    module.next_undo = lambda process: None


def _clock_stands(module: Any) -> None:
    async def look(self: Any) -> float:
        return 1.0

    module.DeadlineClock.look = look


def _any_answer_fits(module: Any) -> None:
    module.payment_difference = lambda asked, outcome: None


def _half_captured(module: Any) -> None:
    """The provider takes half of what it is asked for, and says so."""
    capture = module.capture

    def captured(connection: Any, key: str, id_: str, amount: str, currency: str | None) -> Any:
        half = f"{float(amount) / 2:.2f}"
        return capture(connection, key, id_, half, currency)

    module.capture = captured


def _five_times_and_shuffled(module: Any) -> None:
    """Each message is published five times, under ids that the broker does not know, in any order."""
    publish, draw = module.Publisher.publish, random.Random(os.environ.get("FAULTS_SEED"))

    async def published(self: Any, messages: Sequence[Any]) -> None:
        copies = [replace(message, id=f"{message.id}:{copy}") for message in messages for copy in range(_COPIES)]
        draw.shuffle(copies)
        await publish(self, copies)

    module.Publisher.publish = published


def _no_answer_is_no_reason(module: Any) -> None:
    """What stands still is not started again, as by `commerce up` after 20 s, so that it wakes."""
    module.NO_ANSWER = replace(module.NO_ANSWER, after_s=_NEVER_S)


_CALLER, _COMMITS = "workers.gateways.http_caller", "commerce.eventstore.subscriptions.commits"
BUGS: dict[str, list[tuple[str, str, Callable[[Any], None]]]] = {
    "dedupe-removed": [("payments", _CALLER, _new_key_per_call)],
    "lock-removed": [
        ("projections", _COMMITS, _advance_unchecked),
        ("projections", "commerce.eventstore.subscriptions.leases", _leases_for_all),
    ],
    "told-before-append": [("api", "commerce.eventstore.append.queue", _told_before_append)],
    "compensation-skipped": [("saga", "commerce.saga.compensation", _nothing_to_undo)],
    "deadline-ignored": [("saga", "commerce.saga.deadline_clock", _clock_stands)],
    "amount-halved": [("provider_simulator", "workers.simulation.card_payments", _half_captured)],
    "amount-ignored": [("payments", "commerce.payments.found_outcomes", _any_answer_fits)],
    "messages-doubled": [("relay", "workers.outbox.publisher", _five_times_and_shuffled)],
    "provider-misbehaves": [("provider_simulator", "workers.simulation.site", misbehaving(NONSENSE))],
    "provider-loses-answers": [("provider_simulator", "workers.simulation.site", misbehaving(LOSSES))],
    "provider-fails-every-call": [("provider_simulator", "workers.simulation.site", misbehaving(OUTAGE))],
    "restarted-at-once": [("up", "commerce.cli.system.supervisor", lambda module: setattr(module, "_LIVED_LONG_S", 0))],
    "left-frozen": [("up", "commerce.embedded.probe", _no_answer_is_no_reason)],
}
"""The process, the module and the patch of each; those from `amount-ignored` on are no bugs, but harm, or what others
need to show."""
