"""`commerce doctor`: is everything as it should be, and if not, what is to be done?"""

from __future__ import annotations

import asyncio
import json as json_module
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commerce.cli.checks import broker, database, files, processes, variables
from commerce.cli.checks.finding import Finding, Level, problem
from commerce.cli.system.system_process import SIMULATORS
from commerce.runtime.settings import Settings, environment_settings, load_settings, read_run_file
from commerce.values.errors import BadUsage

_OTHERS = ("postgres", "nats", *SIMULATORS)
"""Processes without sessions in the database."""
_COLOURS: Mapping[Level, str] = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> int:
    """Check settings, files, servers, privileges, migrations, processes and subscriptions; change nothing.

    Exit code 0: all is well, or there are only warnings. 1: there are problems. 2: no database is known, or a setting
    cannot be read.
    """
    findings = [*variables.unknown_variables(os.environ)]
    try:
        settings, running = _settings(findings)
    except BadUsage as error:
        _show([*findings, problem(variables.CHECK, str(error), "correct it; nothing else can be checked")], json)
        return 2
    findings += asyncio.run(_examined(settings, running))
    _show(findings, json)
    if settings.database_url is None:
        return 2
    return 1 if any(finding.level == "problem" for finding in findings) else 0


def _settings(findings: list[Finding]) -> tuple[Settings, Mapping[str, Any]]:
    """The settings, and what a running system says of itself. Raises `BadUsage` for a variable that cannot be read."""
    alone = environment_settings()
    try:
        return load_settings(), read_run_file(alone.run_file)
    except BadUsage as error:
        findings.append(problem(files.CHECK, str(error), "only the variables are used"))
        return alone, {}


async def _examined(settings: Settings, running: Mapping[str, Any]) -> list[Finding]:
    found = [*variables.addresses(settings), *variables.same_database(settings.model_dump())]
    found += [*files.folder(settings), *files.room(settings)]
    listed = _listed(running)
    if settings.database_url is not None:
        pids = (process.get("pid") for process in listed if process.get("name") not in _OTHERS)
        here = [pid for pid in pids if isinstance(pid, int)]
        found += await database.as_application(settings.database_url, here, files.master_keys(settings), settings)
        found += await database.as_owner(settings.admin_database_url)
    if settings.broker_url is not None:
        found += await asyncio.to_thread(_broker, settings.broker_url, listed)
    examined = await asyncio.to_thread(processes.examine, listed)
    return found + processes.judge_processes(examined, str(settings.home / "logs"))


def _broker(urls: str, listed: Iterable[Mapping[str, Any]]) -> list[Finding]:
    servers = broker.greetings(urls)
    found = broker.judge_servers(servers)
    if any(server.greeting for server in servers):
        own = [str(process["url"]) for process in listed if process.get("name") == "nats" and process.get("url")]
        page = broker.jetstream(own or broker.monitors_of(urls))
        found += broker.judge_jetstream(page, len(servers))
    return found


def _listed(running: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = running.get("processes")
    return [process for process in listed if isinstance(process, dict)] if isinstance(listed, list) else []


def _show(findings: Sequence[Finding], json: bool) -> None:
    if json:
        is_well = all(finding.level != "problem" for finding in findings)
        print(json_module.dumps({"ok": is_well, "findings": [finding.values() for finding in findings]}, indent=2))
        return
    console = Console()
    if console.is_terminal:
        console.print(_table(findings))
    else:
        print(*(_line(finding) for finding in findings), sep="\n")


def _line(finding: Finding) -> str:
    remedy = f" -> {finding.remedy}" if finding.remedy else ""
    return f"{finding.level:<8} {finding.check:<14} {finding.text}{remedy}"


def _table(findings: Iterable[Finding]) -> Table:
    table = Table("", "check", "what is found", "what to do", box=None, pad_edge=False)
    for finding in findings:
        level = Text(finding.level, _COLOURS[finding.level])
        table.add_row(level, finding.check, Text(finding.text), Text(finding.remedy))
    return table
