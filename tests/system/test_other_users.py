"""Another user of the machine reads no key, and moves no money through the database, the broker or the simulators."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest

from commerce.embedded.probe import ask
from tests.system.conftest import System
from tests.waiting import LIMIT_S

NOBODY = 65534
"""A user whose nothing of this is."""
SEEN = """
import json, os, sys
paths, pids, home, nobody = json.load(sys.stdin)
os.setgroups([])
os.setgid(nobody)
os.setuid(nobody)

def content(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except PermissionError:
        return None

def is_listed(folder):
    try:
        return bool(os.listdir(folder))
    except PermissionError:
        return False

print(json.dumps({
    "user": os.getuid(),
    "read": [path for path in paths if content(path) is not None],
    "listed": is_listed(home),
    "environments": [pid for pid in pids if content(f"/proc/{pid}/environ") is not None],
    "command_lines": [content(f"/proc/{pid}/cmdline") for pid in pids],
}))
"""


def passwords(system: System) -> dict[str, str]:
    """All that the system made, by the name of the file."""
    return {path.name: path.read_text().strip() for path in (system.home / "keys").glob("*.password")}


def as_nobody(system: System, pids: list[int]) -> dict[str, Any]:
    """What that user sees of the system's files and processes."""
    files = [str(path) for path in system.home.rglob("*") if path.is_file()]
    done = subprocess.run(
        [sys.executable, "-I", "-c", SEEN],
        input=json.dumps([files, pids, str(system.home), NOBODY]),
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_reads_no_file_and_no_process_shows_a_password(system: System) -> None:
    pids = [process["pid"] for process in system.run["processes"]]
    seen = as_nobody(system, [system.process.pid, *pids])
    assert (seen["user"], seen["read"], seen["listed"], seen["environments"]) == (NOBODY, [], False, [])
    shown = "\n".join(seen["command_lines"])
    assert "workers.payments" in shown
    assert [name for name, password in passwords(system).items() if password in shown] == []


def test_files_are_their_owners_alone_and_every_server_and_user_has_a_password_of_its_own(system: System) -> None:
    ours = [path for path in system.home.rglob("*") if "postgres" not in path.relative_to(system.home).parts[:1]]
    open_to_others = [path for path in ours if path.is_file() and path.stat().st_mode & 0o077]
    assert open_to_others == []
    keys = [path for path in (system.home / "keys").iterdir() if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
    found = passwords(system)
    servers = {name.partition(".")[0].partition("-")[0] for name in found}
    assert {"postgres", "nats", "provider", "carrier"} <= servers
    assert len(set(found.values())) == len(found) >= 9
    assert min(map(len, found.values())) >= 20


def test_nobody_comes_into_the_database_or_the_broker_without_a_password(system: System) -> None:
    for url in (system.run["database_url"], system.run["admin_database_url"]):
        place = urlsplit(url)
        for role in {place.username, "postgres"}:
            for password in ("", "wrong", str(role)):
                with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|no password"):
                    psycopg.connect(
                        host=place.hostname, port=place.port, user=role, password=password, dbname="commerce"
                    )
    rules = (system.home / "postgres" / "data" / "pg_hba.conf").read_text().splitlines()
    assert {rule.split()[-1] for rule in rules if rule.strip() and not rule.startswith("#")} == {"scram-sha-256"}
    place = urlsplit(system.run["broker_url"])
    for credentials in ({}, {"user": "payments", "pass": ""}, {"user": "payments", "pass": "wrong"}):
        address = str(place.hostname), place.port or 0
        with socket.create_connection(address, timeout=LIMIT_S) as connection, connection.makefile("rwb") as line:
            line.readline()
            line.write(f"CONNECT {json.dumps(credentials)}\r\nPING\r\n".encode())
            line.flush()
            assert line.readline() == b"-ERR 'Authorization Violation'\r\n"


async def test_nobody_moves_money_or_sees_a_ledger_without_a_password(system: System) -> None:
    listed = {process["name"]: process for process in system.run["processes"]}
    authorization = {"amount": "9.99", "currency": "EUR", "payment_method": "pm_card_ok", "order_id": "x"}
    async with httpx2.AsyncClient(verify=False, timeout=LIMIT_S) as client:
        for name, money in (("provider", "authorizations"), ("carrier", "bookings")):
            place = urlsplit(listed[name]["url"])
            url = f"{place.scheme}://{place.hostname}:{place.port}"
            for sent in ("", ":", "commerce:", "commerce:wrong"):
                known = {"Authorization": f"Basic {base64.b64encode(sent.encode()).decode()}"} if sent else {}
                headers = {"Idempotency-Key": "x", **known}
                post = await client.post(f"{url}/{money}", json=authorization, headers=headers)
                ledger = await client.get(f"{url}/ledger", params={"order_id": "x"}, headers=headers)
                assert (post.status_code, ledger.status_code) == (401, 401)
    monitor = urlsplit(listed["nats"]["url"])
    for path in ("/varz", "/connz", "/jsz"):
        answer = ask(str(monitor.hostname), monitor.port or 0, path)
        assert answer is not None
        assert answer[0] == 404
