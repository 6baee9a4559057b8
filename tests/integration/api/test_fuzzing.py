"""Schemathesis asks every route for what the OpenAPI document allows, and for what it does not, as everybody."""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
from pathlib import Path
from uuid import UUID

import pytest

from api.http import conditional_headers
from api.live import stream
from api.queries import consistency
from commerce.cli.system.sample_products import CATALOGUE
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import ROLES, Role, issue_token
from commerce.values import ids
from tests.integration.api.conftest import Shop, key, order, without_rate_limits
from tests.integration.api.test_refunds import paid

ROOT = Path(__file__).parents[3]
CONFIG = Path(__file__).with_name("schemathesis.toml")
SOMEBODY = "5a1d3c0e-2b7f-4c46-9a55-6c1e0f7a9d02"
LEAST_CASES = 2_000
STREAM_S = 0.05
WAIT_S = 0.05


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As many requests as anybody likes."""
    return without_rate_limits(settings)


@pytest.fixture(autouse=True)
def short_streams(brief_streams: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams show what there is, and end; nobody waits for what does not come."""
    monkeypatch.setattr(stream, "LONGEST_STREAM_S", STREAM_S)
    monkeypatch.setattr(consistency, "WAIT_S", WAIT_S)
    monkeypatch.setattr(conditional_headers, "LONGEST_WAIT_S", 1)


async def filled(shop: Shop) -> dict[str, list[str]]:
    """Fill a shop; the names in paths of what there is."""
    for product in CATALOGUE[:2]:
        await shop.stock(product.sku, product.stock, product.price)
    await shop.stock("lamp")
    customer = shop.client("customer", SOMEBODY)
    placed = await customer.post("/orders", json=order((CATALOGUE[0].sku, 1)), headers=key())
    orders = [UUID(placed.json()["order_id"]), await paid(shop)]
    return {
        "sku": [CATALOGUE[0].sku, "lamp"],
        "order_id": [str(each) for each in orders],
        "stream_id": [str(each) for each in orders],
        "shipment_id": [str(ids.shipment_id(each)) for each in orders],
        "customer_id": [SOMEBODY],
        "name": ["orders", "stock"],
        "provider": ["http"],
    }


def config(known: dict[str, list[str]]) -> str:
    """The settings of the tool, with names that exist for most of its requests."""
    parts = [CONFIG.read_text(encoding="utf-8")]
    for name, values in known.items():
        parts.append(f"[dictionaries.{name}]\nvalues = {values}\n")
    parts.append("[parameters]")
    parts += ['"header.Prefer" = { dictionary = "prefer", probability = 1.0 }']
    parts += [f'"path.{name}" = {{ dictionary = "{name}", probability = 0.7 }}' for name in known]
    return "\n".join(parts)


async def fuzzed(shop: Shop, folder: Path, role: Role | None, *arguments: str) -> tuple[int, str]:
    """How the tool ends, and what it says."""
    path = folder / "schemathesis.toml"
    path.write_text(config(await filled(shop)), encoding="utf-8")
    sent = [f"--header=Authorization: Bearer {issue_token(shop.settings, role=role, subject=SOMEBODY)}"] if role else []
    async with shop.following():
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(path)),
            *("run", f"{shop.url}/openapi.json", "--no-color", "--generation-database=none", *sent, *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT,
        )
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@pytest.mark.long
@pytest.mark.parametrize("role", [None, *ROLES])
async def test_every_route_answers_everybody_as_the_document_says(
    shop: Shop, tmp_path: Path, role: Role | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Examples, bounds, values by chance and sequences; `FUZZ_SEED` repeats what was found."""
    seed = os.environ.get("FUZZ_SEED") or str(random.randrange(10**9))
    examples = os.environ.get("FUZZ_EXAMPLES") or "3"
    status, output = await fuzzed(shop, tmp_path, role, f"--seed={seed}", f"--max-examples={examples}")
    found = re.search(r"Test cases:\s+(\d+) generated", output)
    with capsys.disabled():
        print(f"\n{role or 'nobody'}: {found[1] if found else 'no'} cases, seed {seed}")  # noqa: T201
    assert status == 0, output
    assert found
    assert int(found[1]) >= LEAST_CASES


async def test_every_route_answers_its_example_as_the_document_says(shop: Shop, tmp_path: Path) -> None:
    """The quick part of the test above, with the same values each time."""
    status, output = await fuzzed(shop, tmp_path, "operator", "--seed=1", "--phases=examples", "--max-examples=1")
    assert status == 0, output
