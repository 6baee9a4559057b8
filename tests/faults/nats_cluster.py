"""Three NATS servers on the loopback interface that keep three copies of every stream."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.errors import Error

from commerce.embedded.child import spawn
from commerce.embedded.ports import LOOPBACK, free_port
from commerce.embedded.programs import nats_program
from tests.waiting import eventually

NODES = ("north", "east", "west")


@dataclass
class Node:
    """One server of the cluster."""

    name: str
    port: int
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

    async def leader_of(self, stream: str) -> str:
        """The name of the server that leads a stream. Raises `nats.errors.Error` while there is none."""
        client = await nats.connect([node.url for node in self.nodes.values()], connect_timeout=2)
        try:
            info = await client.jetstream().stream_info(stream)
        finally:
            await client.close()
        assert info.cluster is not None
        assert info.cluster.leader is not None
        return info.cluster.leader

    async def await_ready(self) -> None:
        """Wait until the cluster has a leader of its own and takes questions about streams."""

        async def answers() -> bool:
            try:
                client = await nats.connect(next(iter(self.nodes.values())).url, connect_timeout=2)
            except (Error, OSError):
                return False
            try:
                await client.jetstream().account_info()
            except Error:
                return False
            finally:
                await client.close()
            return True

        await eventually(answers, 60)


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
    port = free_port()
    others = ", ".join(json.dumps(f"nats://{LOOPBACK}:{route}") for other, route in routes.items() if other != name)
    configuration = home / "nats.conf"
    configuration.write_text(
        f"""\
server_name: {name}
listen: "{LOOPBACK}:{port}"
jetstream {{ store_dir: {json.dumps(str(home / "streams"))} }}
cluster {{ name: shop, listen: "{LOOPBACK}:{routes[name]}", routes: [{others}] }}
"""
    )
    return Node(name, port, configuration)
