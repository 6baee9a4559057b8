"""Who may do what on the broker: each worker that talks to it is a user of its own, and may publish and read what
it needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

OPERATOR = "commerce"
"""The user that may do everything: for the command line, and for people."""

_STREAMS = ("COMMANDS", "EVENTS")


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects that a user may publish to, and read."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def _relay(name: str) -> Permissions:
    """It publishes, and keeps the streams."""
    kept = tuple(f"$JS.API.STREAM.{verb}.{stream}" for stream in _STREAMS for verb in ("INFO", "CREATE", "UPDATE"))
    return Permissions(("commands.>", "events.>", *kept), (f"_INBOX.{name}.>",))


def _consumer(name: str, stream: str) -> Permissions:
    """It takes and acknowledges the messages of its own durable, and publishes none; a lost stream or durable it
    makes again."""
    streams = tuple(f"$JS.API.STREAM.{verb}.{each}" for each in _STREAMS for verb in ("INFO", "CREATE"))
    api, own = "$JS.API.CONSUMER", f"{stream}.{name}"
    durable = (f"{api}.INFO.{own}", f"{api}.CREATE.{own}", f"{api}.CREATE.{own}.>", f"{api}.DURABLE.CREATE.{own}")
    return Permissions((*streams, *durable, f"{api}.MSG.NEXT.{own}", f"$JS.ACK.{own}.>"), (f"_INBOX.{name}.>",))


PERMISSIONS: Mapping[str, Permissions] = {
    "relay": _relay("relay"),
    "payments": _consumer("payments", "COMMANDS"),
    "shipping": _consumer("shipping", "COMMANDS"),
    "notifications": _consumer("notifications", "EVENTS"),
}
"""By worker; all answers come to an inbox of its own (`workers.outbox.broker`)."""


def authorization(passwords: Mapping[str, str]) -> str:
    """The part of a server's configuration that knows its users; passwords are given as its format has them, in
    quotes."""
    users = [f"    {{ user: {OPERATOR}, password: {passwords[OPERATOR]} }}"]
    for name, allowed in PERMISSIONS.items():
        publish, subscribe = json.dumps(list(allowed.publish)), json.dumps(list(allowed.subscribe))
        users.append(
            f"    {{ user: {name}, password: {passwords[name]}, permissions: {{\n"
            f"      publish: {publish}\n      subscribe: {subscribe}\n    }} }}"
        )
    return "authorization {\n  users: [\n" + "\n".join(users) + "\n  ]\n}\n"
