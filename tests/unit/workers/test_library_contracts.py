"""What is used of libraries beyond their documented names: each use fails here first when a newer version differs."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import requires
from pathlib import Path

import pytest
import typer
from faststream.asgi import AsgiFastStream
from faststream.nats import NatsBroker
from nats.js import JetStreamContext
from typer._click.exceptions import ClickException

ROOT = Path(__file__).parents[3]
PRIVATE = re.compile(r"(faststream|nats|typer|pydantic|starlette|fastapi|uvicorn)(\.\w+)*\._(?!_main__)\w+")
ALLOWED = {"workers/runtime/faststream_internals.py", "src/commerce/cli/main.py"}


@pytest.mark.parametrize("library", ["faststream", "typer"])
def test_a_library_whose_private_names_are_used_is_pinned_exactly(library: str) -> None:
    (found,) = [text for text in requires("commerce") or () if re.match(rf"{library}\b", text)]
    assert re.search(r"==\d", found)


def test_private_names_of_libraries_are_imported_in_two_modules_only() -> None:
    sources = (path for folder in ("src", "api", "workers", "projections") for path in (ROOT / folder).rglob("*.py"))
    found = {str(path.relative_to(ROOT)) for path in sources if PRIVATE.search(path.read_text("utf-8"))}
    assert found <= ALLOWED


def test_faststream_starts_its_brokers_through_the_hook() -> None:
    assert list(inspect.signature(AsgiFastStream._start_broker).parameters) == ["self"]
    source = inspect.getsource(AsgiFastStream)
    assert "await self._start_broker()" in source


def test_faststream_connects_with_the_servers_that_it_was_given_last() -> None:
    broker = NatsBroker("nats://one:4222")
    assert broker._connection_kwargs["servers"] == ["nats://one:4222"]
    assert broker._connection is None
    assert "nats.connect(**self._connection_kwargs)" in inspect.getsource(NatsBroker._connect)


def test_faststream_pulls_through_the_context_that_it_is_given() -> None:
    state = NatsBroker().config.broker_config.connection_state
    assert list(inspect.signature(state.connect).parameters) == ["connection", "stream"]
    assert "pull_subscribe_bind" in inspect.getsource(JetStreamContext.pull_subscribe)


def test_a_wrong_use_of_the_command_line_is_an_error_of_the_vendored_click() -> None:
    assert issubclass(typer.BadParameter, ClickException)
    error = typer.BadParameter("no such thing")
    assert (error.exit_code, error.format_message()) == (2, "Invalid value: no such thing")
