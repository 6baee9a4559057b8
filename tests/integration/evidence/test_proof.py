"""The proof of an order: checked by the script that knows nothing of our code, and rejected after any change."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commerce.evidence.heads import PublishedHead
from commerce.evidence.merkle import InvalidProof
from commerce.evidence.proof import NotSignedYet, prove
from commerce.evidence.proof_check import check_proof, read_proof, signed_head
from commerce.evidence.tree import TreeDamaged
from commerce.values.errors import NotFound
from tests.integration.evidence.conftest import Shop
from tests.waiting import LIMIT_S

SCRIPT = Path(__file__).parents[3] / "scripts" / "check_proof.py"


def check(proof: Path, heads: Path, *options: str) -> tuple[int, str]:
    """The exit code and the line of the script, run without any path of ours."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(proof), str(heads), *options],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        cwd=proof.parent,
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    return done.returncode, done.stdout.strip()


def check_by_us(proof: Path, heads: Path) -> None:
    """What the console does with a proof and the newest head of a file; raises `InvalidProof`."""
    head = PublishedHead(**json.loads(heads.read_text().splitlines()[-1]))
    check_proof(read_proof(proof.read_text()), signed_head(head))


async def written(shop: Shop, order: UUID, folder: Path, tree_size: int | None = None) -> Path:
    path = folder / "proof.json"
    path.write_text(json.dumps(await prove(shop.owner, order, tree_size)))
    return path


async def test_a_proof_is_accepted_by_the_script_alone_also_when_pinned_to_a_key(shop: Shop, tmp_path: Path) -> None:
    (order,) = await shop.orders(1)
    await shop.orders(80)
    await shop.seal()
    proof = await written(shop, order, tmp_path)
    code, line = check(proof, shop.file.path, "--key", str(shop.file.public_key))
    assert (code, line.partition(" stand ")[0]) == (0, f"yes: 4 events of order {order}")
    assert check(proof, shop.file.path)[0] == 0
    check_by_us(proof, shop.file.path)


async def test_a_proof_can_be_made_for_any_head_that_somebody_kept(shop: Shop, tmp_path: Path) -> None:
    (order,) = await shop.orders(1)
    await shop.seal()
    kept = tmp_path / "kept.json"
    kept.write_text(shop.file.path.read_text().splitlines()[-1])
    await shop.orders(30)
    await shop.seal()
    assert check(await written(shop, order, tmp_path, tree_size=26), kept)[0] == 0
    code, line = check(await written(shop, order, tmp_path), kept)
    assert (code, line) == (1, "no: there is no head of a tree of 146 leaves")


async def test_a_proof_holds_after_the_order_s_person_was_erased(shop: Shop, tmp_path: Path) -> None:
    (order,) = await shop.orders(1)
    await shop.seal()
    await shop.owner.execute("DELETE FROM commerce_keys WHERE owner_id = %s", [order])
    assert check(await written(shop, order, tmp_path), shop.file.path)[0] == 0


def flip(text: str, dice: random.Random) -> str:
    """One bit of a text, such that it stays a text."""
    at = dice.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ (1 << dice.randrange(4))) + text[at + 1 :]


def flipped_base64(text: str, dice: random.Random) -> str:
    data = bytearray(base64.b64decode(text))
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return base64.b64encode(data).decode()


def flipped_number(value: int, dice: random.Random) -> int:
    return value ^ (1 << dice.randrange(30))


Damage = Callable[[dict[str, Any], dict[str, Any], random.Random], None]


def of_row(column: str, change: Callable[[Any, random.Random], Any]) -> Damage:
    def damage(proof: dict[str, Any], _head: dict[str, Any], dice: random.Random) -> None:
        row = dice.choice(proof["events"])["row"]
        row[column] = change(row[column], dice)

    return damage


def of_head(name: str, change: Callable[[Any, random.Random], Any]) -> Damage:
    def damage(_proof: dict[str, Any], head: dict[str, Any], dice: random.Random) -> None:
        head[name] = change(head[name], dice)

    return damage


def in_the_path(proof: dict[str, Any], _head: dict[str, Any], dice: random.Random) -> None:
    path = dice.choice(proof["events"])["audit_path"]
    at = dice.randrange(len(path))
    path[at] = f"{int(path[at], 16) ^ (1 << dice.randrange(256)):064x}"


def in_the_leaf_s_number(proof: dict[str, Any], _head: dict[str, Any], dice: random.Random) -> None:
    event = dice.choice(proof["events"])
    event["leaf_index"] = flipped_number(event["leaf_index"], dice)


def an_event_left_out(proof: dict[str, Any], _head: dict[str, Any], dice: random.Random) -> None:
    del proof["events"][dice.randrange(2)]  # the last of a stream can be left out: what follows cannot be proved


def another_order(proof: dict[str, Any], _head: dict[str, Any], _dice: random.Random) -> None:
    proof["order_id"] = str(uuid4())


DAMAGES: list[Damage] = [
    of_row("originator_id", lambda value, dice: str(UUID(int=flipped_number(UUID(value).int, dice)))),
    of_row("originator_version", flipped_number),
    of_row("topic", flip),
    of_row("state", flip),
    of_row("notification_id", flipped_number),
    of_row("recorded_at", lambda value, dice: value.replace(value[25], str((int(value[25]) + 1) % 10))),
    of_row("correlation_id", lambda value, dice: str(UUID(int=flipped_number(UUID(value).int, dice)))),
    of_row("causation_id", lambda value, dice: 7),
    of_row("metadata", flip),
    of_head("sha256_root_hash", flipped_base64),
    of_head("tree_head_signature", flipped_base64),
    of_head("public_key", flipped_base64),
    of_head("timestamp", flipped_number),
    of_head("tree_size", flipped_number),
    in_the_path,
    in_the_leaf_s_number,
    another_order,
]


@pytest.mark.parametrize("damage", [*DAMAGES, an_event_left_out])
async def test_one_changed_bit_is_rejected(shop: Shop, tmp_path: Path, damage: Damage) -> None:
    (order,) = await shop.orders(1)
    await shop.seal()
    proof = json.loads((await written(shop, order, tmp_path)).read_text())
    head = json.loads(shop.file.path.read_text().splitlines()[-1])
    damage(proof, head, random.Random(8032))
    changed, heads = tmp_path / "changed.json", tmp_path / "head.json"
    changed.write_text(json.dumps(proof))
    heads.write_text(json.dumps(head))
    code, line = check(changed, heads)
    assert code == 1
    assert line.startswith("no: ")
    with pytest.raises(InvalidProof):
        check_by_us(changed, heads)


async def test_another_s_signature_is_rejected_when_pinned_to_a_key(shop: Shop, tmp_path: Path) -> None:
    (order,) = await shop.orders(1)
    await shop.seal()
    other = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    code, line = check(await written(shop, order, tmp_path), shop.file.path, "--key", other)
    assert (code, line) == (1, "no: the head of 26 leaves was not signed with this key")


async def test_what_is_no_proof_is_rejected_in_one_line(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.json"
    for content in ("", "[]", "{}", '{"tree_size": "x"}'):
        nonsense.write_text(content)
        assert check(nonsense, nonsense)[0] == 1
        with pytest.raises(InvalidProof, match="this file is no proof"):
            read_proof(content)
    with pytest.raises(InvalidProof, match="holds tree heads"):
        read_proof('{"tree_size": 1, "tree_head_signature": "x"}')


async def test_events_that_are_not_signed_yet_cannot_be_proved(shop: Shop) -> None:
    (order,) = await shop.orders(1)
    with pytest.raises(NotSignedYet, match="4 of the order's 4 events are newer"):
        await prove(shop.owner, order)


async def test_nothing_is_proved_of_an_event_that_was_changed(shop: Shop) -> None:
    (order,) = await shop.orders(1)
    await shop.seal()
    await shop.owner.execute("UPDATE commerce_events SET state = '{}' WHERE originator_id = %s", [order])
    with pytest.raises(TreeDamaged, match="at position 23 is not what was signed"):
        await prove(shop.owner, order)


async def test_an_order_or_a_head_that_is_not_there_is_said_to_be_missing(shop: Shop) -> None:
    with pytest.raises(NotFound, match="no events of order"):
        await prove(shop.owner, uuid4())
    (order,) = await shop.orders(1)
    await shop.seal()
    with pytest.raises(NotFound, match="no head was signed at 24 leaves"):
        await prove(shop.owner, order, 24)
