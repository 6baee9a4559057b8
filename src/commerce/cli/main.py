"""The `commerce` command: registers what it can do and turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import typer
from typer._click.exceptions import ClickException  # typer offers no public name for the base of its usage errors

from commerce.runtime.standard_streams import ends_unread, write_utf8
from commerce.values.errors import BadUsage, CommerceError

COMMANDS: Mapping[str, str] = {
    "up": "system.up_command:up",
    "demo": "demo.demo:demo",
    "doctor": "checks.doctor:doctor",
    "play": "shop.play:play",
    "migrate": "system.migrate:migrate",
    "token": "system.token:token",
    "replay": "log.replay:replay_order",
    "follow": "log.follow:follow",
    "parked": "client.parked:parked",
    "rebuild": "client.rebuild:rebuild",
    "verify": "client.verify:verify",
    "cases": "client.cases:decide_cases",
    "refund": "client.refund:refund_order",
    "import": "client.imports:import_file",
    "export": "client.exports:export",
    "reconcile": "checks.reconcile:reconcile",
    "retention": "checks.retention:retention",
    "mcp": "agent.tool_server:serve_agent",
}
"""Each command by its name: the module below `commerce.cli` and the function that is it."""

AUDIT: Mapping[str, str] = {
    "trace": "log.trace:trace",
    "verify": "log.tamper_check:verify_log",
    "proof": "log.proof:proof",
    "readings": "log.access_records:access_records",
    "heads": "log.heads:heads",
}
KEYS: Mapping[str, str] = {
    "list": "client.keys:list_api_keys",
    "issue": "client.keys:issue_api_key",
    "rotate": "client.keys:rotate_api_key",
    "revoke": "client.keys:revoke_api_key",
}
MASTER_KEYS: Mapping[str, str] = {
    "list": "system.master_keys:list_master_keys",
    "rotate": "system.master_keys:rotate_to_new_key",
    "remove": "system.master_keys:remove_retired_key",
}
STAFF: Mapping[str, str] = {
    "list": "client.staff:list_staff",
    "add": "client.staff:add_staff",
    "invite": "client.staff:invite_staff",
    "role": "client.staff:change_staff_role",
    "deactivate": "client.staff:deactivate_staff",
}
WEBHOOKS: Mapping[str, str] = {
    "list": "client.webhooks:show_endpoints",
    "add": "client.webhooks:add_endpoint_at",
    "rotate": "client.webhooks:replace_endpoint_secret",
    "enable": "client.webhooks:switch_endpoint_on",
    "disable": "client.webhooks:switch_endpoint_off",
    "remove": "client.webhooks:take_endpoint_away",
    "deliveries": "client.webhooks:show_deliveries",
    "replay": "client.webhooks:replay_to_endpoint",
}
GATEWAY: Mapping[str, str] = {"check": "gateway.check:check"}
DECISIONS: Mapping[str, str] = {"replay": "log.decisions:replay_all_decisions"}
GROUPS: Mapping[str, str] = {
    "audit": "ORDER_ID by itself: what caused what in an order. The other commands find tampering, and prove that there"
    " is none.",
    "keys": "The API keys of services: what they may do, until when, and when they were used last.",
    "staff": "The members of staff: who they are, and what they may do.",
    "master-key": "The master keys: rotate to a new one, and remove those that wrap nothing any more.",
    "webhooks": "What other systems are told: their endpoints, what is delivered to each, and replays.",
    "gateway": "For those who connect a payment provider or a carrier.",
    "decisions": "For those who change what the process manager decides.",
}
"""Groups of commands by name, and what each is for."""
_COMMANDS_OF: Mapping[str, Mapping[str, str]] = {
    "audit": AUDIT,
    "keys": KEYS,
    "staff": STAFF,
    "master-key": MASTER_KEYS,
    "webhooks": WEBHOOKS,
    "gateway": GATEWAY,
    "decisions": DECISIONS,
}


def command_line(words: Sequence[str]) -> typer.Typer:
    """The commands; where `words` name one, it alone, as the others' modules take longer to import than it runs."""
    app = typer.Typer(
        name="commerce",
        help="Order processing on one log of events: start a system, and work with a running one.",
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_group)
    word, rest = (words[0], words[1:]) if words else ("", ())
    if word not in GROUPS:
        _add(app, COMMANDS, word)
    for name in [word] if word in GROUPS else GROUPS if word not in COMMANDS else ():
        app.add_typer(_group_named(name, rest[0] if rest else ""))
    return app


def _add(group: typer.Typer, commands: Mapping[str, str], word: str) -> None:
    for name in [word] if word in commands else commands:
        module, _, function = commands[name].partition(":")
        group.command(name)(getattr(import_module(f"commerce.cli.{module}"), function))


def _group_named(name: str, word: str) -> typer.Typer:
    """A group of commands; where `word` names one of them, it alone."""
    if name == "audit":
        group = typer.Typer(
            name=name, help=GROUPS[name], cls=import_module("commerce.cli.log.audit_group").OrderOrCommand
        )
    else:
        group = typer.Typer(name=name, help=GROUPS[name])
        group.callback()(_group)
    _add(group, _COMMANDS_OF[name], word)
    return group


def _group() -> None:
    """Keep a group of commands one, however many are registered."""


def main() -> None:
    """Run the command line: exit code 2 and one line on stderr for bad use, 1 for what failed otherwise."""
    write_utf8()
    with ends_unread():
        _run([_in_utf8(argument) for argument in sys.argv[1:]])


def _run(words: list[str]) -> None:
    try:
        code = command_line(words)(words, standalone_mode=False)
    except ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except BadUsage as error:
        _fail(str(error), 2)
    except CommerceError as error:
        _fail(str(error), 1)
    except (typer.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    sys.exit(code if isinstance(code, int) else 0)


def _in_utf8(argument: str) -> str:
    """An argument as it was typed, where it is UTF-8 and the locale says otherwise."""
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeDecodeError:
        return argument


def _fail(text: str, code: int) -> None:
    print(f"commerce: {' '.join(text.split())}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
