"""NATS, as far as it can be seen without a client: the greeting of a server, and its monitoring pages."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from commerce.cli.checks.finding import Finding, ok, problem, warning
from commerce.embedded.nats_users import COMMAND_CONSUMERS
from commerce.embedded.probe import ask

CHECK = "nats"
MONITORING_PORT = 8222
"""Where a server's pages are by convention, when nobody says otherwise."""
_OLDEST_VERSION = (2, 10)
_TIMEOUT_S = 3.0
_GREETING_BYTES = 65536

STREAMS: Mapping[str, tuple[str, frozenset[str]]] = {
    "COMMANDS": ("workqueue", frozenset(name for names in COMMAND_CONSUMERS.values() for name in names)),
    "EVENTS": ("limits", frozenset(("notifications",))),
}
"""Our streams: their retention, and the consumers that the workers keep on them."""


@dataclass(frozen=True, slots=True)
class BrokerServer:
    """A server of the broker, and what it said of itself when somebody connected; nothing where it does not answer."""

    place: str
    greeting: Mapping[str, Any] | None
    reason: str = ""


def greetings(urls: str) -> list[BrokerServer]:
    """Connect to each server of a comma separated list, read its first line, and go away."""
    return [_greeting(url.strip()) for url in urls.split(",")]


def _greeting(url: str) -> BrokerServer:
    place = urlsplit(url).netloc.rpartition("@")[2]
    try:
        parts = urlsplit(url)
        address = (parts.hostname or "", parts.port or 4222)
        with socket.create_connection(address, timeout=_TIMEOUT_S) as connection:
            return BrokerServer(place, *_read(connection))
    except (OSError, ValueError) as error:
        return BrokerServer(place, None, str(error))


def _read(connection: socket.socket) -> tuple[Mapping[str, Any] | None, str]:
    """The server's first line, which is `INFO` and JSON."""
    line = b""
    while not line.endswith(b"\r\n") and len(line) < _GREETING_BYTES:
        part = connection.recv(4096)
        if not part:
            break
        line += part
    word, _, content = line.partition(b" ")
    greeting = json.loads(content) if word.upper() == b"INFO" else None
    return (greeting, "") if isinstance(greeting, dict) else (None, "it does not speak as NATS does")


def judge_servers(servers: Sequence[BrokerServer]) -> list[Finding]:
    """Whether servers answer, are new enough and have JetStream."""
    found = [
        (warning if any(one.greeting for one in servers) else problem)(
            CHECK, f"{server.place} does not answer: {server.reason}", "start it; orders are taken, and wait meanwhile"
        )
        for server in servers
        if server.greeting is None
    ]
    for server in servers:
        found += _judge_greeting(server.place, server.greeting or {})
    versions = sorted({str(server.greeting.get("version")) for server in servers if server.greeting})
    return found or [ok(CHECK, f"NATS {', '.join(versions)} answers, with JetStream")]


def _judge_greeting(place: str, greeting: Mapping[str, Any]) -> Iterator[Finding]:
    version = str(greeting.get("version", ""))
    if greeting and _numbers(version) < _OLDEST_VERSION:
        yield warning(CHECK, f"{place} is NATS {version}", f"move to {'.'.join(map(str, _OLDEST_VERSION))} or newer")
    if greeting and not greeting.get("jetstream"):
        yield problem(CHECK, f"{place} has no JetStream", "start it with jetstream switched on")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def jetstream(monitors: Iterable[str]) -> Mapping[str, Any] | None:
    """What the first monitoring page that answers says of streams and consumers."""
    for url in monitors:
        parts = urlsplit(url)
        answer = ask(
            parts.hostname or "",
            parts.port or MONITORING_PORT,
            f"{parts.path}/jsz?streams=true&consumers=true&config=true",
        )
        if answer is not None and answer[0] == 200:
            try:
                content = json.loads(answer[1])
            except ValueError:
                continue
            return content if isinstance(content, dict) else None
    return None


def monitors_of(broker_urls: str) -> list[str]:
    """Where the monitoring pages of a broker's servers are by convention."""
    hosts = [urlsplit(url.strip()).hostname for url in broker_urls.split(",")]
    return [f"http://{f'[{host}]' if ':' in host else host}:{MONITORING_PORT}" for host in hosts if host]


def judge_jetstream(page: Mapping[str, Any] | None, servers: int) -> list[Finding]:
    """Whether the streams and consumers exist, with as many copies as the number of servers allows."""
    if page is None:
        text = "streams and consumers cannot be seen, as no monitoring page answers"
        return [warning("streams", text, f"start NATS with -m {MONITORING_PORT}, or rely on the workers' health")]
    accounts = page.get("account_details") or []
    streams = {stream["name"]: stream for account in accounts for stream in account.get("stream_detail") or []}
    found = [finding for name in STREAMS for finding in _judge_stream(name, streams.get(name), servers)]
    waiting = sum(stream.get("state", {}).get("messages", 0) for name, stream in streams.items() if name == "COMMANDS")
    return found or [ok("streams", f"both are there with their consumers; {waiting} commands wait or are under way")]


def _judge_stream(name: str, stream: Mapping[str, Any] | None, servers: int) -> Iterator[Finding]:
    if stream is None:
        yield problem("streams", f"there is no {name}", "the worker relay makes it within seconds: see its /health")
        return
    retention, wanted = STREAMS[name]
    config = stream.get("config", {})
    if config.get("retention") != retention:
        text = f"{name} has retention {config.get('retention')}, not {retention}"
        yield problem("streams", text, "delete it; the worker relay creates and fills it again")
    if servers >= 3 > config.get("num_replicas", 1):
        text = f"{name} has {config.get('num_replicas', 1)} copies on {servers} servers"
        yield warning("streams", text, "restart the worker relay once all servers run: it asks for three")
    for consumer in sorted(wanted - {one.get("name") for one in stream.get("consumer_detail") or []}):
        text = f"{name} has no consumer {consumer}"
        worker = consumer.partition("-")[0]
        yield problem("streams", text, f"the worker {worker} makes it within seconds: see its /health")
