"""No name, no address and no text that somebody wrote is readable in the database, in JetStream, or in the logs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress

from commerce.embedded.programs import postgres_programs
from tests.system.conftest import Shop, System
from tests.waiting import eventually

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
    readable = await asyncio.to_thread(_readable, system, ("logs", "nats", "provider.sqlite3", "carrier.sqlite3"))
    assert b"shipping_address" in readable["the dump"]
    assert _found(readable, words) == set()


async def test_an_erased_person_is_found_nowhere_though_a_worker_is_killed_and_all_else_works(
    shop: Shop, system: System
) -> None:
    """All files of the installation are searched, mails and PostgreSQL's own included."""
    words = ["Hildegunst", "Mythenmetz", "hildegunst@example.org", "Lindworm Fortress", "0777 1234", "1942-02-17"]
    address = {**SECRETS, "name": "Hildegunst Mythenmetz", "line1": "1 Lindworm Fortress"}
    account = {"email": "hildegunst@example.org", "password": "a long sentence of mine", "date_of_birth": "1942-02-17"}
    profile = {"given_name": "Hildegunst", "family_name": "Mythenmetz", "phone": "0777 1234", "addresses": [address]}
    registered = await shop.client.post("/customers", json=account | profile)
    customer = registered.raise_for_status().json()["customer_id"]
    about = {"customer_id": customer, "shipping_address": address, "email": account["email"], "reference": words[1]}
    await shop.stock("erased gift", 5)
    order = await shop.order("erased gift", payment_method="pm_card_declined", **about)
    mail = system.home / "outbox" / f"{order['order_id']}-rejected.txt"
    await eventually(mail.exists)
    assert _found(await asyncio.to_thread(_readable, system, ("outbox",)), words) > {words[0]}

    (notifications,) = (one["pid"] for one in system.run["processes"] if one["name"] == "notifications")
    path = f"/customers/{customer}/erasure"
    (await shop.client.post(path, json={"ground": "objection"})).raise_for_status()
    os.kill(notifications, signal.SIGKILL)

    async def is_complete() -> bool:
        return bool((await shop.client.get(path)).json()["status"] == "completed")

    await eventually(is_complete)
    everything = [file.name for file in system.home.iterdir() if file.name not in ("keys", "run.json")]
    assert {"audit", "logs", "nats", "outbox", "postgres"} <= set(everything)
    readable = await asyncio.to_thread(_readable, system, everything)
    assert _found(readable, words) == set()
    with system.database() as connection:
        (left,) = connection.execute("SELECT wrapped FROM commerce_keys WHERE owner_id = %s", [customer]).fetchall()
    assert left == (None,), "what stands in the dump has no key any more"
    shown = (await shop.client.get(f"/orders/{order['order_id']}")).json()
    assert (shown["status"], shown["personal_data"], shown["total"]) == ("rejected", "erased", order["total"])
    for command in (("replay", order["order_id"]), ("audit", "verify")):
        done = await asyncio.to_thread(system.commerce, *command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert not [word for word in words if word in done.stdout], command


def _readable(system: System, places: Iterable[str]) -> dict[str, bytes]:
    """What the database and these files and folders of the installation hold, by where."""
    readable = {"the dump": _dump(system)}
    for place in places:
        found = system.home / place
        for file in [found] if found.is_file() else [path for path in found.rglob("*") if path.is_file()]:
            with suppress(FileNotFoundError):  # servers tidy up
                readable[str(file)] = file.read_bytes()
    assert len(readable) > 1
    return readable


def _found(readable: Mapping[str, bytes], words: Iterable[str]) -> set[str]:
    """Which of the words are to be found, and in what for those who look into it."""
    where = {word: [place for place, content in readable.items() if word.encode() in content] for word in words}
    print({word: places for word, places in where.items() if places})  # noqa: T201 - shown where the test fails
    return {word for word, places in where.items() if places}


def _dump(system: System) -> bytes:
    """The database as text, with the contents of binary columns once more as they are."""
    command = [postgres_programs() / "pg_dump", "--inserts", system.run["admin_database_url"]]
    dump = subprocess.run(command, capture_output=True, check=True).stdout
    binary = [part.partition(b"'")[0] for part in dump.split(b"'\\x")[1:]]
    return b"\n".join([dump, *(bytes.fromhex(part.decode()) for part in binary)])
