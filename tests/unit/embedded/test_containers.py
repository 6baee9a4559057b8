"""The compose file and the image name only what this repository holds."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from commerce.cli.checks.variables import ELSEWHERE
from commerce.cli.system.program_modules import ROOT
from commerce.cli.system.system_process import SIMULATORS, WORKERS
from commerce.embedded.nats_users import OPERATOR, PERMISSIONS, authorization
from commerce.embedded.programs import nats_program
from commerce.runtime.settings import Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "commerce"}


def modules(command: list[str]) -> list[str]:
    """The modules that a command line names: after `-m`, and as `module:app`."""
    named = [command[place + 1] for place, word in enumerate(command) if word == "-m"]
    return named + [word.partition(":")[0] for word in command if re.fullmatch(r"[\w.]+:app", word)]


@pytest.mark.parametrize("name", OURS)
def test_every_command_names_modules_that_exist(name: str) -> None:
    named = modules(OURS[name]["command"])
    assert named
    assert [module for module in named if find_spec(module) is None] == []


def test_every_process_is_a_service() -> None:
    assert {*WORKERS, *SIMULATORS, "api", "migrate"} == set(OURS)


def test_what_a_service_waits_for_exists() -> None:
    named = {other for service in SERVICES.values() for other in service.get("depends_on", {})}
    assert named <= set(SERVICES)


def test_every_server_says_whether_it_is_well() -> None:
    assert [name for name, service in SERVICES.items() if "healthcheck" not in service] == ["migrate"]


def test_only_the_migration_knows_the_owners_password() -> None:
    knowing = [name for name, service in SERVICES.items() if "COMMERCE_OWNER_PASSWORD" in str(service)]
    assert sorted(knowing) == ["migrate", "postgres"]


def test_the_image_holds_every_package_and_the_migrations() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    needed = {
        "src",
        "projections",
        "workers",
        "api",
        "clients",
        "migrations",
        "requirements.lock",
        "pyproject.toml",
        "README.md",
        "LICENSE",
    }
    assert {word for line in copied for word in line.split()} == needed
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == needed


def test_nats_accepts_the_clusters_configuration(tmp_path: Path) -> None:
    path = tmp_path / "cluster.conf"
    path.write_text(COMPOSE["configs"]["nats"]["content"].replace("$$", "$"))
    ended = subprocess.run(
        [nats_program(), "-t", "--config", path],
        env={"SERVER_NAME": "nats-1", **dict.fromkeys(NATS_PASSWORDS, "sesame")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


NATS_PASSWORDS = {
    "COMMERCE_NATS_PASSWORD",
    *(f"COMMERCE_NATS_{worker.upper()}_PASSWORD" for worker in PERMISSIONS),
}


def test_nats_knows_each_worker_as_a_user_who_may_do_what_it_needs() -> None:
    passwords = {name: f"$COMMERCE_NATS_{name.upper()}_PASSWORD" for name in PERMISSIONS}
    wanted = authorization({OPERATOR: "$COMMERCE_NATS_PASSWORD", **passwords})
    assert wanted in COMPOSE["configs"]["nats"]["content"].replace("$$", "$")


def test_each_worker_that_talks_to_the_broker_is_a_user_of_its_own_and_nobody_else_knows_an_address() -> None:
    knowing = {name for name, service in OURS.items() if "COMMERCE_BROKER_URL" in service["environment"]}
    assert knowing == set(PERMISSIONS)
    for name in PERMISSIONS:
        own = f"nats://{name}:${{COMMERCE_NATS_{name.upper()}_PASSWORD:?choose one, in .env}}"
        servers = [f"{own}@nats-{number}:4222" for number in (1, 2, 3)]
        assert OURS[name]["environment"]["COMMERCE_BROKER_URL"] == ",".join(servers)


def test_nats_tells_nobody_outside_its_container_how_it_is() -> None:
    assert 'http: "127.0.0.1:8222"' in COMPOSE["configs"]["nats"]["content"]


def test_a_nats_that_is_unwell_for_long_ends_and_one_that_gets_well_does_not(tmp_path: Path) -> None:
    """Its health check, with programs of the test's own in place of `wget` and `kill`."""
    _, code = SERVICES["nats-1"]["healthcheck"]["test"]
    code = code.replace("$$", "$").replace("/tmp/unwell", str(tmp_path / "unwell")).replace("kill 1", "echo killed")

    def check(well: bool) -> tuple[int, str]:
        (tmp_path / "wget").write_text(f"#!/bin/sh\nexit {0 if well else 1}\n")
        (tmp_path / "wget").chmod(0o755)
        path = f"{tmp_path}:/usr/bin:/bin"
        ended = subprocess.run(["sh", "-c", code], env={"PATH": path}, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout

    assert [check(well=False) for _ in range(5)] == [(1, "")] * 5
    assert check(well=True) == (0, "")
    assert [check(well=False) for _ in range(6)] == [(1, "")] * 5 + [(1, "killed\n")]
    assert check(well=False) == (1, "")


DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = {f"COMMERCE_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("name", OURS)
def test_every_setting_that_is_passed_is_one_that_the_program_reads(name: str) -> None:
    assert {variable for variable in OURS[name]["environment"] if variable.startswith("COMMERCE_")} <= SETTINGS
    assert not [variable for variable in OURS[name]["environment"] if not variable.startswith("COMMERCE_")]


def test_every_setting_of_the_image_is_one_that_the_program_reads() -> None:
    assert set(re.findall(r"\b(COMMERCE_\w+)=", DOCKERFILE)) == {"COMMERCE_HOME", "COMMERCE_API_HOST"}
    assert {"COMMERCE_HOME", "COMMERCE_API_HOST"} <= SETTINGS


def test_only_passwords_and_a_port_are_asked_for() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    passwords = {"COMMERCE_APP_PASSWORD", "COMMERCE_OWNER_PASSWORD", "COMMERCE_SIMULATOR_PASSWORD", *NATS_PASSWORDS}
    assert asked == passwords | {"COMMERCE_API_PORT"}
    assert passwords <= ELSEWHERE


@pytest.mark.parametrize("name", OURS)
def test_every_address_is_that_of_a_service(name: str) -> None:
    listening = {"postgres": 5432, "nats-1": 4222, "nats-2": 4222, "nats-3": 4222, "provider": 8080, "carrier": 8080}
    for value in OURS[name]["environment"].values():
        for host, port in re.findall(r"(?://|@)([\w-]+):(\d+)(?=[/,]|$)", value):
            assert listening[host] == int(port)


def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular() -> None:
    stages = re.findall(r"^FROM \S+(?: AS (\w+))?$", DOCKERFILE, re.MULTILINE)
    assert stages == ["build", ""]
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE) == ["commerce"]
    assert DOCKERFILE.index("COPY --from=build") < DOCKERFILE.index("USER commerce")
    assert "useradd --uid 10001" in DOCKERFILE


def test_the_image_alone_is_the_api() -> None:
    command = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)
    assert [json.loads(words) for words in command] == [OURS["api"]["command"]]


def test_everything_that_is_kept_is_on_a_volume() -> None:
    named = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert named == set(COMPOSE["volumes"])
    home = re.search(r"COMMERCE_HOME=(\S+)", DOCKERFILE)
    assert home is not None
    assert all(f"home:{home[1]}" in service["volumes"] for service in OURS.values())
