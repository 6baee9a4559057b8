"""`commerce up`. It imports next to nothing, so that the process that others are forked from starts before the rest."""

from __future__ import annotations

from contextlib import ExitStack
from importlib import import_module
from typing import Annotated

import typer

from commerce.cli.system.program_modules import fork_server
from commerce.forks.server import IS_POSSIBLE


def up(
    replicas: Annotated[
        str, typer.Option(help="How many of which process, such as api=2,saga=2; else one of each.")
    ] = "",
    together: Annotated[
        bool | None,
        typer.Option(
            "--together/--apart", help="One worker of each kind in one process, or each in its own (COMMERCE_TOGETHER)."
        ),
    ] = None,
    end_with_parent: Annotated[
        bool, typer.Option("--end-with-parent", help="End in order when the program that started this one is killed.")
    ] = False,
    forks: Annotated[
        bool,
        typer.Option(
            envvar="COMMERCE_FORKS",
            show_envvar=False,
            help="Fork processes from one that has imported what they need (COMMERCE_FORKS), or start each by itself.",
        ),
    ] = True,
) -> None:
    """Start servers, workers and the API, and keep them running until Ctrl-C."""
    with ExitStack() as stack:
        server = fork_server() if forks and IS_POSSIBLE else None
        if server is not None:
            stack.callback(server.stop)
            server.prepare()  # which imports while this process does
        start = import_module("commerce.cli.system.up").keep_up
        start(replicas, server, together=together, end_with_parent=end_with_parent)
