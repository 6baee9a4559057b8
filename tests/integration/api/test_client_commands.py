"""`commerce export` and `commerce webhooks` ask the API, as an operator does."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from commerce.cli.client import exports, webhooks
from commerce.cli.client.exports import Exported
from commerce.cli.client.webhooks import Delivered
from commerce.eventstore import EventStore
from commerce.values.errors import BadUsage, Unavailable
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_webhook_endpoints import URL, deliver

pytestmark = pytest.mark.usefixtures("command_line")


@pytest.fixture
def command_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line asks this API."""
    assert shop.settings.database_url is not None
    monkeypatch.setenv("COMMERCE_HOME", str(shop.settings.home))
    monkeypatch.setenv("COMMERCE_DATABASE_URL", shop.settings.database_url)
    monkeypatch.setenv("COMMERCE_API_PORT", shop.url.rpartition(":")[2])
    monkeypatch.setattr(exports, "_PAUSE_S", 0.0)


async def run(command: Callable[..., object], *words: object, **options: Any) -> None:
    """A command, beside the API that this process serves."""
    await asyncio.to_thread(partial(command, *words, by="olga", **options))


def without_log(text: str) -> str:
    """What a command printed, without the log of the API that this process serves; a line of that may come within a
    line of the command's, which prints its end by itself."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .*\n", "", text)


async def test_an_export_goes_on_where_it_was_cut_off_and_has_later_what_came_since(
    shop: Shop, store: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    await shop.stock("lamp")
    for _ in range(3):
        (await shop.client("operator").post("/orders", json=order(), headers=key())).raise_for_status()
    await shop.show()
    file = tmp_path / "orders.ndjson"
    await run(exports.export, Exported.ORDERS, to=file)
    whole = file.read_bytes()
    assert (len(whole.splitlines()), file.stat().st_mode & 0o777) == (3, 0o600)
    file.write_bytes(whole[:-200])
    await run(exports.export, Exported.ORDERS, to=file)
    assert file.read_bytes() == whole
    (await shop.client("operator").post("/orders", json=order(), headers=key())).raise_for_status()
    await shop.show()
    await run(exports.export, Exported.ORDERS, to=file)
    assert (file.read_bytes()[: len(whole)], len(file.read_bytes().splitlines())) == (whole, 4)
    capsysbinary.readouterr()
    cursor = json.loads(whole.splitlines()[1])["cursor"]
    await run(exports.export, Exported.ORDERS, cursor=cursor)
    assert (
        without_log(capsysbinary.readouterr().out.decode()).encode()
        == b"\n".join(file.read_bytes().splitlines()[2:]) + b"\n"
    )
    events = tmp_path / "events.ndjson"
    await run(exports.export, Exported.EVENTS, to=events)
    assert [json.loads(line)["position"] for line in events.read_bytes().splitlines()][:3] == [1, 2, 3]
    (tmp_path / "notes.txt").write_text("mine\nand mine\n")
    with pytest.raises(BadUsage, match="no line of an export"):
        await run(exports.export, Exported.ORDERS, to=tmp_path / "notes.txt")
    with pytest.raises(BadUsage, match="leave out --cursor or --to"):
        await run(exports.export, Exported.ORDERS, to=file, cursor=cursor)
    with pytest.raises(BadUsage, match="not a cursor of ours"):
        await run(exports.export, Exported.ORDERS, cursor="nonsense")
    asked = []

    async def cut_off(_self: object, _path: str, after: str | None) -> Any:
        asked.append(after)
        yield whole.splitlines(keepends=True)[0]
        raise Unavailable("the connection broke")

    monkeypatch.setattr(exports, "_MOST_TRIES", 1)
    monkeypatch.setattr("commerce.cli.client.api.Api.export_lines", cut_off)
    with pytest.raises(Unavailable):
        await run(exports.export, Exported.ORDERS, to=tmp_path / "cut.ndjson")
    assert asked == [None]
    assert (tmp_path / "cut.ndjson").read_bytes() == whole.splitlines(keepends=True)[0], "what came is kept"


async def test_endpoints_are_looked_after_and_deliveries_listed_and_replayed(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.stock("lamp")

    async def said(command: Callable[..., object], *words: object, **options: Any) -> str:
        await shop.show()
        capsys.readouterr()
        await run(command, *words, **options)
        return without_log(capsys.readouterr().out)

    assert await said(webhooks.show_endpoints) == "there is no endpoint\n"
    secret = await said(webhooks.add_endpoint_at, URL, event_type=["ordering.OrderPlaced"], key="one")
    assert secret.startswith("whsec_")
    assert await said(webhooks.add_endpoint_at, URL, event_type=["ordering.OrderPlaced"], key="one") == secret
    endpoint = json.loads(await said(webhooks.show_endpoints, as_json=True))
    assert (endpoint["url"], endpoint["status"]) == (URL, "enabled")
    id_ = endpoint["endpoint_id"]
    (await shop.client("operator").post("/orders", json=order(), headers=key())).raise_for_status()
    await deliver(shop)
    delivery = json.loads(await said(webhooks.show_deliveries, id_, status=Delivered.WAITING, as_json=True))
    line = await said(webhooks.show_deliveries, id_)
    assert f"{delivery['position']}  waiting    ordering.OrderPlaced of {delivery['subject']}: not tried yet" in line
    await said(webhooks.replay_to_endpoint, id_, position=delivery["position"])
    await said(webhooks.replay_to_endpoint, id_, since="2026-01-01")
    for words in ({}, {"position": 1, "since": "2026-01-01"}):
        with pytest.raises(BadUsage, match="either --position"):
            await said(webhooks.replay_to_endpoint, id_, **words)
    with pytest.raises(BadUsage, match="no ENDPOINT_ID"):
        await said(webhooks.switch_endpoint_on, "x")
    assert await said(webhooks.switch_endpoint_off, id_) == "disabled\n"
    assert "disabled" in await said(webhooks.show_endpoints)
    assert await said(webhooks.switch_endpoint_on, id_) == "enabled\n"
    assert await said(webhooks.replace_endpoint_secret, id_) not in ("", secret)
    assert await said(webhooks.take_endpoint_away, id_) == "removed\n"
