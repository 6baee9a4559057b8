"""Three NATS servers on the loopback interface that keep three copies of every stream."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from commerce.embedded.child import spawn
from commerce.embedded.ports import LOOPBACK, free_port
from commerce.embedded.probe import ask
from commerce.embedded.programs import nats_program

NODES = ("north", "east", "west")


@dataclass
class Node:
    """One server of the cluster."""

    name: str
    port: int
    monitor_port: int
    configuration: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start it; it finds the others by itself."""
        log = self.configuration.with_suffix(".log")
        self.process = spawn([nats_program(), "--config", self.configuration], log=log)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@dataclass
class Cluster:
    """The servers, by name."""

    nodes: dict[str, Node]

    @property
    def urls(self) -> str:
        """What `COMMERCE_BROKER_URL` is set to."""
        return ",".join(node.url for node in self.nodes.values())

    def leader_of(self, stream: str) -> str:
        """The name of the server that leads a stream; empty while there is none."""
        for node in self.nodes.values():
            _, text = ask(LOOPBACK, node.monitor_port, "/jsz?streams=true") or (0, "{}")
            for account in json.loads(text).get("account_details", []):
                for found in account["stream_detail"]:
                    if found["name"] == stream and found["cluster"].get("leader"):
                        return str(found["cluster"]["leader"])
        return ""

    def is_ready(self) -> bool:
        """Whether every server has found the others, and takes messages for streams."""
        answers = [ask(LOOPBACK, node.monitor_port, "/healthz") for node in self.nodes.values()]
        return all(answer is not None and answer[0] == HTTPStatus.OK for answer in answers)


@contextmanager
def three_nodes(folder: Path) -> Iterator[Cluster]:
    """A cluster that is started, and ended with the block."""
    routes = {name: free_port() for name in NODES}
    cluster = Cluster({name: _node(folder, name, routes) for name in NODES})
    try:
        for node in cluster.nodes.values():
            node.start()
        yield cluster
    finally:
        for node in cluster.nodes.values():
            if node.process is not None:
                node.kill()


def _node(folder: Path, name: str, routes: dict[str, int]) -> Node:
    home = folder / name
    home.mkdir(parents=True)
    port, monitor_port = free_port(), free_port()
    others = ", ".join(json.dumps(f"nats://{LOOPBACK}:{route}") for other, route in routes.items() if other != name)
    configuration = home / "nats.conf"
    configuration.write_text(
        f"""\
server_name: {name}
listen: "{LOOPBACK}:{port}"
http: "{LOOPBACK}:{monitor_port}"
jetstream {{ store_dir: {json.dumps(str(home / "streams"))} }}
cluster {{ name: shop, listen: "{LOOPBACK}:{routes[name]}", routes: [{others}] }}
"""
    )
    return Node(name, port, monitor_port, configuration)
