"""What the server relies on inside uvicorn; uvicorn is pinned, and this is what to look at before it is raised."""

from __future__ import annotations

import asyncio
import re
from importlib.metadata import version
from inspect import signature
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from tests.waiting import LIMIT_S

ROOT = Path(__file__).parents[3]


async def answered(_scope: object, _receive: object, _send: object) -> None:
    """An application that is never called."""


async def protocol() -> HttpToolsProtocol:
    """A connection of uvicorn's, before anything has come."""
    config = uvicorn.Config(answered, lifespan="off")
    return HttpToolsProtocol(config, ServerState(), {}, asyncio.get_running_loop())


def test_uvicorn_is_the_version_that_was_read() -> None:
    assert re.search(rf'"uvicorn=={re.escape(version("uvicorn"))}"', (ROOT / "pyproject.toml").read_text())


async def test_a_connection_has_the_parts_that_ours_reads() -> None:
    connection = await protocol()
    assert {"transport", "client", "scope", "cycle", "pipeline", "loop", "server_state"} <= set(vars(connection))
    assert not connection.pipeline


async def test_a_connection_whose_client_does_not_read_can_be_written_to_all_the_same() -> None:
    flow = FlowControl(asyncio.Transport())
    flow.pause_writing()
    flow.resume_writing()
    assert not flow.write_paused
    async with asyncio.timeout(LIMIT_S):
        await flow.drain()
    assert "flow" in HttpToolsProtocol.connection_made.__code__.co_names


def test_a_connection_is_told_what_ours_acts_on() -> None:
    for hook in ("on_message_begin", "on_headers_complete", "on_message_complete", "on_response_complete"):
        assert list(signature(getattr(HttpToolsProtocol, hook)).parameters) == ["self"], hook
    assert list(signature(HttpToolsProtocol.send_400_response).parameters) == ["self", "msg"]
    assert list(signature(HttpToolsProtocol.data_received).parameters) == ["self", "data"]


def test_a_request_says_how_far_its_answer_is() -> None:
    made = signature(RequestResponseCycle.__init__).parameters
    assert "default_headers" in made
    names = RequestResponseCycle.__init__.__code__.co_names
    assert {"response_started", "response_complete", "default_headers"} <= set(names)


def test_a_server_has_what_is_needed_to_take_leave() -> None:
    server = uvicorn.Server(uvicorn.Config(answered, lifespan="off"))
    assert server.server_state.connections == set()
    assert server.server_state.default_headers == []
    assert list(signature(server.shutdown).parameters) == ["sockets"]
    assert STATUS_LINE[431].startswith(b"HTTP/1.1 431 ")
