"""The compose file and the image name only what this repository holds."""

from __future__ import annotations

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from commerce.cli.processes import ROOT, SIMULATORS, WORKERS
from commerce.embedded.programs import nats_program

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
        env={"SERVER_NAME": "nats-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
