"""Who may do what on the broker: each worker that talks to it is a user of its own, and may publish and read what
it needs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

OPERATOR = "commerce"
"""The user that may do everything: for the command line, and for people."""

_STREAMS = ("COMMANDS", "EVENTS")

COMMAND_CONSUMERS: Mapping[str, tuple[str, ...]] = {
    "payments": ("payments-authorize", "payments-capture", "payments-void", "payments-refund", "payments-webhook"),
    "shipping": ("shipping-schedule", "shipping-cancel"),
}
"""The durables of each worker that calls a party: one for each operation, so that one waits without the others."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects that a user may publish to, and read."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def _relay(name: str) -> Permissions:
    """It publishes, and keeps the streams."""
    kept = tuple(f"$JS.API.STREAM.{verb}.{stream}" for stream in _STREAMS for verb in ("INFO", "CREATE", "UPDATE"))
    return Permissions(("commands.>", "events.>", *kept), (f"_INBOX.{name}.>",))


def _consumer(name: str, stream: str, *durables: str, replaced: tuple[str, ...] = ()) -> Permissions:
    """It takes and acknowledges the messages of its own durables, and publishes none; a lost stream or durable it
    makes again. Durables of an older version, which others replaced, it deletes."""
    streams = tuple(f"$JS.API.STREAM.{verb}.{each}" for each in _STREAMS for verb in ("INFO", "CREATE"))
    own = tuple(subject for durable in durables for subject in _of_durable(f"{stream}.{durable}"))
    gone = tuple(f"$JS.API.CONSUMER.DELETE.{stream}.{durable}" for durable in replaced)
    return Permissions((*streams, *own, *gone), (f"_INBOX.{name}.>",))


def _of_durable(own: str) -> tuple[str, ...]:
    api = "$JS.API.CONSUMER"
    made = (f"{api}.INFO.{own}", f"{api}.CREATE.{own}", f"{api}.CREATE.{own}.>", f"{api}.DURABLE.CREATE.{own}")
    return (*made, f"{api}.MSG.NEXT.{own}", f"$JS.ACK.{own}.>")


def _party(name: str) -> Permissions:
    """It has a durable for each operation of its party."""
    return _consumer(name, "COMMANDS", *COMMAND_CONSUMERS[name], replaced=(name,))


PERMISSIONS: Mapping[str, Permissions] = {
    "relay": _relay("relay"),
    "payments": _party("payments"),
    "shipping": _party("shipping"),
    "notifications": _consumer("notifications", "EVENTS", "notifications"),
}
"""By worker; all answers come to an inbox of its own (`workers.outbox.broker`)."""


def _union(each: Collection[Permissions]) -> Permissions:
    publish = dict.fromkeys(subject for allowed in each for subject in allowed.publish)
    subscribe = dict.fromkeys(subject for allowed in each for subject in allowed.subscribe)
    return Permissions(tuple(publish), tuple(subscribe))


USERS: Mapping[str, Permissions] = {**PERMISSIONS, "workers": _union(PERMISSIONS.values())}
"""Those of a server of our own: each worker, and the process that has all of them."""


def authorization(passwords: Mapping[str, str]) -> str:
    """The part of a server's configuration that knows its users; passwords are given as its format has them, in
    quotes."""
    users = [f"    {{ user: {OPERATOR}, password: {passwords[OPERATOR]} }}"]
    for name, allowed in ((name, USERS[name]) for name in passwords if name != OPERATOR):
        publish, subscribe = json.dumps(list(allowed.publish)), json.dumps(list(allowed.subscribe))
        users.append(
            f"    {{ user: {name}, password: {passwords[name]}, permissions: {{\n"
            f"      publish: {publish}\n      subscribe: {subscribe}\n    }} }}"
        )
    return "authorization {\n  users: [\n" + "\n".join(users) + "\n  ]\n}\n"
