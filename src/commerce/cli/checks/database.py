"""Runs the checks of the database in a session that cannot write; one that fails is itself a finding."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from commerce.cli.checks import (
    log_verification,
    personal_data,
    privileges,
    restored,
    schema,
    server,
    subscriptions,
    waits,
    workers,
)
from commerce.cli.checks.finding import Finding, ok, problem
from commerce.runtime.code_version import code_version
from commerce.runtime.master_key import MasterKey
from commerce.runtime.settings import Settings
from commerce.values.errors import first_line

Check = Callable[[AsyncConnection[Any]], Awaitable[list[Finding]]]

_TIMEOUT_S = 10
"""For one check; a sound database needs a small part of it."""
_READ_ONLY = f"-c default_transaction_read_only=on -c statement_timeout={_TIMEOUT_S}s"


async def as_application(
    url: str, here: Collection[int], masters: Mapping[UUID | None, MasterKey], settings: Settings
) -> list[Finding]:
    """Everything that can be seen with the application's address; `here` are the pids that are asked themselves."""
    processes = max(len(here), len(workers.KINDS))
    checks: Mapping[str, Check] = {
        server.CHECK: server.server,
        "sessions": lambda connection: server.sessions(connection, processes),
        "clock": server.clock,
        schema.CHECK: schema.tables,
        privileges.CHECK: privileges.privileges,
        "limits": privileges.limits,
        "events": schema.events,
        personal_data.CHECK: lambda connection: personal_data.personal_keys(connection, masters),
        workers.CHECK: lambda connection: workers.workers(connection, code_version(), here),
        subscriptions.CHECK: subscriptions.subscriptions,
        restored.CHECK: lambda connection: restored.restored(connection, settings),
        log_verification.CHECK: log_verification.verification,
        "deadlines": waits.deadlines,
        "requests": waits.requests,
        "cases": waits.cases,
    }
    return await _run(server.CHECK, "COMMERCE_DATABASE_URL", url, checks)


async def after_restoring(url: str, settings: Settings) -> list[Finding]:
    """What is ahead of the log."""
    checks: Mapping[str, Check] = {restored.CHECK: lambda connection: restored.restored(connection, settings)}
    return await _run(server.CHECK, "COMMERCE_DATABASE_URL", url, checks)


async def as_owner(url: str | None) -> list[Finding]:
    """What only the owner can see."""
    if url is None:
        text = "cannot be seen as the application; COMMERCE_ADMIN_DATABASE_URL is not set"
        return [ok(schema.CHECK, text)]
    return await _run(schema.CHECK, "COMMERCE_ADMIN_DATABASE_URL", url, {schema.CHECK: schema.migrations})


async def _run(check: str, variable: str, url: str, checks: Mapping[str, Check]) -> list[Finding]:
    found: list[Finding] = []
    try:
        async with _connected(url) as connection:
            for name, examine in checks.items():
                check = name
                found += await _examined(name, examine, connection)
    except psycopg.OperationalError as error:
        found.append(problem(check, f"{variable}: {first_line(error)}", "start PostgreSQL, or correct the address"))
    except psycopg.ProgrammingError:  # its text may show the password
        found.append(problem(check, f"{variable} is no address", "correct it"))
    except TimeoutError:
        found.append(problem(check, f"{variable}: no answer within {_TIMEOUT_S} s", "see whether PostgreSQL is frozen"))
    return found


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection[Any]]:
    conninfo = make_conninfo(url, application_name="commerce doctor", connect_timeout=5, options=_READ_ONLY)
    connection = await AsyncConnection.connect(conninfo, autocommit=True)
    try:
        yield connection
    finally:
        await connection.close()


async def _examined(name: str, check: Check, connection: AsyncConnection[Any]) -> list[Finding]:
    """What a check finds; a rejected statement is a finding of its own. Raises what ends the session."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await check(connection)
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedColumn,
    ) as error:
        return [problem(name, f"cannot be checked: {first_line(error)}", privileges.AGAIN)]
    except psycopg.errors.QueryCanceled:
        return [
            problem(name, f"cannot be checked: no answer within {_TIMEOUT_S} s", "see what the database is busy with")
        ]
