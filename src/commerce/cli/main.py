"""The `commerce` command: registers what it can do and turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys

import typer
from typer._click.exceptions import ClickException  # typer offers no public name for the base of its usage errors

from commerce.cli.checks import doctor
from commerce.cli.client import rebuild, verify
from commerce.cli.demo import demo
from commerce.cli.gateway import check
from commerce.cli.log import access_records, follow, heads, proof, replay, trace, verification
from commerce.cli.shop import play
from commerce.cli.system import migrate, token, up
from commerce.runtime.standard_streams import write_utf8
from commerce.values.errors import BadUsage, CommerceError

app = typer.Typer(
    name="commerce",
    help="Order processing on one log of events: start a system, and work with a running one.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up.up)
app.command()(demo.demo)
app.command()(doctor.doctor)
app.command()(play.play)
app.command()(migrate.migrate)
app.command()(token.token)
app.command("replay")(replay.replay_order)
app.command()(follow.follow)
app.command()(rebuild.rebuild)
app.command()(verify.verify)

audit = typer.Typer(
    name="audit",
    help="ORDER_ID by itself: what caused what in an order. The other commands find tampering, and prove that there is"
    " none.",
    cls=trace.OrderOrCommand,
)
audit.command(trace.TRACE)(trace.trace)
audit.command("verify")(verification.verify_log)
audit.command("proof")(proof.proof)
audit.command("readings")(access_records.access_records)
audit.command("heads")(heads.heads)
app.add_typer(audit)

gateway = typer.Typer(name="gateway", help="For those who connect a payment provider or a carrier.")
gateway.command("check")(check.check)
app.add_typer(gateway)


@gateway.callback()
def gateway_root() -> None:
    """Keep `commerce gateway` a group of commands, however many are registered."""


@app.callback()
def root() -> None:
    """Keep `commerce` a group of commands, however many are registered."""


def main() -> None:
    """Run the command line: exit code 2 and one line on stderr for bad use, 1 for what failed otherwise."""
    write_utf8()
    sys.argv[1:] = map(_in_utf8, sys.argv[1:])
    try:
        code = app(standalone_mode=False)
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
