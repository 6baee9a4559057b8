"""Checks the application's role in the database: it may do what migrations grant it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem, warning
from commerce.eventstore import APPLICATION_ROLE

CHECK = "privileges"
AGAIN = "run `commerce migrate` as the owner"
_LOG = "commerce_events"

Privileges = Mapping[str, frozenset[str]]
"""What may be done with each table."""


_TABLES = """
SELECT c.relname,
       array(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
             WHERE has_table_privilege(c.oid, p)
                OR p IN ('INSERT', 'UPDATE') AND has_any_column_privilege(c.oid, p)),
       pg_has_role(c.relowner, 'USAGE')
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND c.relname LIKE 'commerce\\_%%'
"""
_FUNCTIONS = """
SELECT proname, has_function_privilege(oid, 'EXECUTE') FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname = ANY(%s)
"""


async def privileges(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether the role can do its work, and nothing that would let it change what stands in the log."""
    row = await (
        await connection.execute("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
    ).fetchone()
    assert row is not None
    role, is_superuser = row
    if is_superuser:
        text = f"{role}, the role of COMMERCE_DATABASE_URL, is a superuser: it can change the log"
        return [problem(CHECK, text, "make an ordinary role for the application, and run `commerce migrate`")]
    tables = await (await connection.execute(_TABLES)).fetchall()
    wanted = sorted(APPLICATION_ROLE.functions)
    functions = await (await connection.execute(_FUNCTIONS, [wanted])).fetchall()
    held = {name: frozenset(may) for name, may, _ in tables}
    found = [*judge_ownership(role, [name for name, _, owns in tables if owns])]
    found = found or [*judge_tables(role, held, APPLICATION_ROLE.tables)]
    found += judge_functions(role, dict(functions), wanted)
    return found or [ok(CHECK, f"{role} can read and append, and cannot change the log")]


def judge_ownership(role: str, owned: Sequence[str]) -> Iterator[Finding]:
    """An owner can grant itself everything, and switch off every trigger."""
    if owned:
        text = f"{role}, the role of COMMERCE_DATABASE_URL, owns {', '.join(sorted(owned))}: it can change the log"
        yield problem(CHECK, text, "use an ordinary role for the application, and run `commerce migrate` as the owner")


def judge_tables(role: str, held: Privileges, wanted: Privileges) -> Iterator[Finding]:
    """Compare what the role may do with what it should, for each of our tables that is there."""
    for name in sorted(held.keys() & wanted.keys()):
        missing, surplus = wanted[name] - held[name], held[name] - wanted[name]
        if missing:
            yield problem(CHECK, f"{role} has no {_told(missing)} on {name}", AGAIN)
        if surplus:
            consequence = ": what stands in the log could be changed" if name == _LOG else ", which it does not need"
            remedy = f"REVOKE {_told(surplus)} ON {name} FROM {role} (or from PUBLIC, or a role that it is in)"
            yield problem(CHECK, f"{role} has {_told(surplus)} on {name}{consequence}", remedy)


def judge_functions(role: str, held: Mapping[str, bool], wanted: Iterable[str]) -> Iterator[Finding]:
    """Whether the functions are there, and may be called."""
    for name in wanted:
        if name not in held:
            yield problem(CHECK, f"the function {name} does not exist", AGAIN)
        elif not held[name]:
            yield problem(CHECK, f"{role} has no EXECUTE on {name}", AGAIN)


def _told(privileges: Iterable[str]) -> str:
    return ", ".join(sorted(privileges))


_LIMITS = """
SELECT unnest(s.setconfig) FROM pg_db_role_setting s
WHERE (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user))
  AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY s.setdatabase <> 0, s.setrole <> 0
"""


async def limits(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether the role's sessions have limits also where a client sets none."""
    settings = [row[0].split("=", 1) for row in await (await connection.execute(_LIMITS)).fetchall()]
    return [judge_limits(dict(settings))]


def judge_limits(settings: Mapping[str, str]) -> Finding:
    """The role's own settings in this database; our processes set the same limits for their sessions themselves."""
    missing = [name for name in APPLICATION_ROLE.limits if settings.get(name, "0") in {"0", "0s", "0ms"}]
    if missing:
        text = f"the application's role has no {', '.join(missing)} in this database, as after a restore or a copy"
        return warning("limits", text, AGAIN)
    return ok("limits", "sessions of the application's role that wait too long are ended")
