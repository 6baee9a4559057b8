"""An agent reads what its role may, by tools that change nothing, and who asked is on record."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from mcp import Client

from api.permissions import SCOPES, is_within
from commerce.cli.agent.api_tools import tools_of
from commerce.cli.agent.tool_server import _SCOPES, agent_server
from commerce.cli.client.http_client import BearerToken, RetryingClient
from commerce.runtime.tokens import issue_token
from tests.integration.api.conftest import Shop, key, order

DOCUMENT = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text(encoding="utf-8"))


def test_every_tool_is_a_query_that_the_token_of_the_command_line_is_good_for() -> None:
    for role in ("auditor", "operator"):
        tools = tools_of(DOCUMENT, role)
        assert {"list_orders", "get_timeline", "trace_order", "get_process", "list_workers"} <= set(tools)
        for name, tool in tools.items():
            assert is_within(f"GET {tool.path}", _SCOPES), name
            assert tool.tool.annotations is not None
            assert tool.tool.annotations.read_only_hint
    opened = [action for scope, actions in SCOPES.items() if scope in _SCOPES for action in actions]
    assert all(action.startswith("GET ") or action == "see who looked" for action in opened)


async def test_an_agent_finds_an_order_and_why_it_is_as_it_is(shop: Shop) -> None:
    await shop.stock("lamp")
    placed = (await shop.client("operator").post("/orders", json=order(), headers=key())).json()
    await shop.show()
    auth = BearerToken(lambda: issue_token(shop.settings, role="auditor", subject="agent"))
    async with (
        RetryingClient(base_url=shop.url, auth=auth) as api,
        Client(agent_server(api, tools_of(DOCUMENT, "auditor"))) as agent,
    ):
        found = await agent.call_tool("list_orders", {"number": placed["number"]})
        assert [one["order_id"] for one in found.structured_content["items"]] == [placed["order_id"]]
        about = {"order_id": placed["order_id"]}
        timeline = await agent.call_tool("get_timeline", about)
        assert timeline.structured_content["items"][0]["topic"] == "ordering.OrderPlaced"
        read = await agent.call_tool("list_readings", about)
        assert "auditor:agent" in {one["actor"] for one in read.structured_content["items"]}
        for tool, arguments, why in (
            ("get_order", {"order_id": str(uuid4())}, "there is no order"),
            ("get_order", {"order_id": "../../ops/workers"}, "encoded slash"),
            ("get_order", {}, "needs order_id"),
            ("list_orders", {"colour": "red"}, "takes no colour"),
            ("cancel_order", about, "there is no tool"),
        ):
            refused = await agent.call_tool(tool, arguments)
            assert refused.is_error
            assert why in str(refused.content)


@pytest.mark.parametrize("role", ["customer", "service"])
def test_other_roles_get_no_tool_of_the_audit(role: str) -> None:
    assert "list_events" not in tools_of(DOCUMENT, role)  # type: ignore[arg-type]
