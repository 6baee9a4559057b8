"""Every service of the compose file starts with the command and the settings that it names, is well, and ends in
order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats as nats_client
import psycopg
import pytest
from psycopg import sql

from commerce.cli.system.program_modules import ROOT
from commerce.cli.system.system_process import WORKERS
from commerce.embedded.child import Child, end, spawn
from commerce.embedded.ports import free_port, is_free
from commerce.embedded.postgres import EmbeddedPostgres
from commerce.embedded.programs import nats_program
from tests.conftest import Database, drop_database
from tests.forked import fork
from tests.unit.embedded.test_containers import COMPOSE, NATS_PASSWORDS, OURS
from tests.waiting import eventually


class Service:
    """One service as a process of this machine: what is its container's alone is put in place of what the file says."""

    def __init__(self, name: str, addresses: dict[str, str], home: Path) -> None:
        self.name = name
        self.port = free_port()
        self.log = home / f"{name}.log"
        self._there = {"python": sys.executable, "8080": str(self.port), "0.0.0.0": "127.0.0.1"}
        given = {variable: addresses[variable] for variable in OURS[name]["environment"]}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COMMERCE_")}
        image = {"COMMERCE_HOME": str(home), "COMMERCE_API_HOST": "127.0.0.1", "COMMERCE_API_PORT": str(self.port)}
        self.environment = {**inherited, **given, **image, "PYTHONPATH": ":".join(sys.path)}

    @contextmanager
    def running(self) -> Iterator[Child]:
        """Run its command; what still runs at the end is ended."""
        command = [self._there.get(word, word) for word in OURS[self.name]["command"]]
        _, option, module, *arguments = command
        assert option == "-m"
        process: Child
        if module == "faststream":
            process = fork(module, arguments, self.environment, self.log)
        else:
            process = spawn(command, log=self.log, environment=self.environment, folder=ROOT)
        try:
            yield process
        finally:
            end(process)

    async def is_well(self) -> bool:
        """Whether its health check says so, which is a process of its own: it is asked once something listens."""
        if is_free(self.port):
            return False
        _, python, option, code = OURS[self.name]["healthcheck"]["test"]
        assert (python, option) == ("python", "-c")
        for port in (8000, 8080):
            code = code.replace(f"127.0.0.1:{port}/", f"127.0.0.1:{self.port}/")
        check = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stderr=subprocess.DEVNULL, env={"no_proxy": "*"}
        )
        return await check.wait() == 0


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """An empty database."""
    name = f"test_{uuid4().hex}"
    server, application = (url.rpartition("/")[0] for url in (postgres.admin_url, postgres.app_url))
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield Database(f"{server}/{name}", f"{application}/{name}")
        drop_database(connection, name)


@pytest.fixture
def nats_port(tmp_path: Path) -> Iterator[int]:
    """One NATS server with the configuration of the compose file, but for its places and the cluster."""
    port, monitor = free_port(), free_port()
    content = COMPOSE["configs"]["nats"]["content"].replace("$$", "$").partition("cluster {")[0]
    for there, here in (("8222", str(monitor)), ("0.0.0.0:4222", f"127.0.0.1:{port}"), ("/data", str(tmp_path / "js"))):
        content = content.replace(there, here)
    configuration = tmp_path / "nats.conf"
    configuration.write_text(content)
    environment = {"SERVER_NAME": "nats-1", **{name: f"sesame-{name}" for name in NATS_PASSWORDS}}
    server = spawn([nats_program(), "--config", configuration], log=tmp_path / "nats.log", environment=environment)
    try:
        while is_free(port):
            assert server.poll() is None, (tmp_path / "nats.log").read_text()
            time.sleep(0.02)
        yield port
    finally:
        end(server)


def _broker_url(name: str, port: int) -> str:
    return f"nats://{name}:sesame-COMMERCE_NATS_{name.upper()}_PASSWORD@127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("payments", "commands.payments.refund"),
        ("notifications", "events.ordering.OrderConfirmed"),
        ("shipping", "$JS.API.STREAM.DELETE.COMMANDS"),
        ("payments", "$JS.API.CONSUMER.MSG.NEXT.COMMANDS.shipping"),
        ("shipping", "$JS.ACK.COMMANDS.payments.1.1.1.1.1"),
        ("relay", "$JS.API.STREAM.PURGE.COMMANDS"),
    ],
)
async def test_a_worker_on_the_broker_may_do_no_more_than_it_needs(nats_port: int, user: str, subject: str) -> None:
    said: list[str] = []

    async def note(error: Exception) -> None:
        said.append(str(error).lower())

    client = await nats_client.connect(_broker_url(user, nats_port), error_cb=note)
    await client.publish(subject, b"{}")
    await client.flush()
    await eventually(lambda: any("permissions violation" in text for text in said))
    await client.close()


async def test_every_service_starts_as_the_file_says_is_well_reports_itself_and_ends_in_order(
    database: Database, nats_port: int, tmp_path: Path
) -> None:
    addresses = {
        "COMMERCE_DATABASE_URL": database.app_url,
        "COMMERCE_ADMIN_DATABASE_URL": database.admin_url,
        "COMMERCE_BROKER_URL": "",
    }
    simulators = {name: Service(name, addresses | _nowhere(), tmp_path) for name in ("provider", "carrier")}
    addresses |= {f"COMMERCE_{name.upper()}_URL": f"http://127.0.0.1:{it.port}" for name, it in simulators.items()}
    migration = Service("migrate", addresses, tmp_path)
    with migration.running() as migrating:
        assert migrating.wait(60) == 0, migration.log.read_text()
    others = [
        Service(name, {**addresses, "COMMERCE_BROKER_URL": _broker_url(name, nats_port)}, tmp_path)
        for name in ("api", *WORKERS)
    ]
    services = [*simulators.values(), *others]
    with ExitStack() as stack:
        processes = [stack.enter_context(service.running()) for service in services]
        for service in services:
            await eventually(service.is_well)
        await eventually(lambda: _reported(database) == {(service.name, "{}") for service in others})
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(30) for process in processes] == [0] * len(processes)
    assert _reported(database) == set()
    assert "Violation" not in (tmp_path / "nats.log").read_text(), "a worker wanted what its user may not"


def _nowhere() -> dict[str, str]:
    return {"COMMERCE_PROVIDER_URL": "http://127.0.0.1:1", "COMMERCE_CARRIER_URL": "http://127.0.0.1:1"}


def _reported(database: Database) -> set[tuple[Any, Any]]:
    """The processes that report themselves, with what is wrong with them."""
    with psycopg.connect(database.admin_url) as connection:
        return set(connection.execute("SELECT name, problems::text FROM commerce_workers").fetchall())
