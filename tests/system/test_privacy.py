"""No name, no address and no text that somebody wrote is readable in the database, in JetStream, or in the logs."""

from __future__ import annotations

import asyncio
import subprocess

from commerce.embedded.programs import postgres_programs
from tests.system.conftest import Shop, System

SECRETS = {
    "name": "Xanthippe Quillfeather",
    "line1": "99 Zyzzyva Boulevard",
    "line2": "Flat Quokka",
    "city": "Llanfairpwllgwyngyll",
    "postcode": "QZ9 9XQ",
    "country": "GB",
}
REASON = "Uncle Bartholomew moved in"
ADJUSTED = "Broken by Philomena Gribblethwaite"
KEY = "wilhelmina@example.com-1"
REQUEST = "order-of-wilhelmina"


async def test_personal_data_is_nowhere_in_plain_text(shop: Shop, system: System) -> None:
    await shop.stock("secret gift", 5)
    for method, country in (("pm_card_ok", "GB"), ("pm_card_declined", "GB"), ("pm_card_ok", "AQ")):
        order = await shop.order("secret gift", shipping_address={**SECRETS, "country": country}, payment_method=method)
        await shop.client.post(f"/orders/{order['order_id']}/cancellation", json={"reason": REASON})
    adjustment = {"quantity": -1, "reason": ADJUSTED}
    headers = {"Idempotency-Key": KEY, "X-Request-Id": REQUEST}
    (await shop.client.post("/inventory/secret gift/adjustments", json=adjustment, headers=headers)).raise_for_status()
    words = [SECRETS["name"], SECRETS["line1"], "Quokka", SECRETS["city"], SECRETS["postcode"], "Bartholomew"]
    words += ["Philomena", "wilhelmina"]
    dump = await asyncio.to_thread(_dump, system)
    assert b"shipping_address" in dump
    readable = {"the dump": dump}
    for folder in ("logs", "nats", "provider.sqlite3", "carrier.sqlite3"):
        found = system.home / folder
        for file in [found] if found.is_file() else [path for path in found.rglob("*") if path.is_file()]:
            readable[str(file)] = file.read_bytes()
    assert len(readable) > 10
    leaks = [(where, word) for where, content in readable.items() for word in words if word.encode() in content]
    assert leaks == []


def _dump(system: System) -> bytes:
    """The database as text, with the contents of binary columns once more as they are."""
    command = [postgres_programs() / "pg_dump", "--inserts", system.run["admin_database_url"]]
    dump = subprocess.run(command, capture_output=True, check=True).stdout
    binary = [part.partition(b"'")[0] for part in dump.split(b"'\\x")[1:]]
    return b"\n".join([dump, *(bytes.fromhex(part.decode()) for part in binary)])
