#!/usr/bin/env python3
"""Checks a proof of an order's events against a signed tree head; needs Python 3.11 and nothing else.

    check_proof.py PROOF HEADS [--key KEY]

PROOF is what `commerce audit proof ORDER_ID` wrote. HEADS is a file of signed tree heads, one JSON object per line,
that was kept out of reach of whoever runs the system; the one of the proof's tree size counts. KEY is the public key
the heads must be signed with: a PEM file, or 32 bytes in base64; without it the key that stands beside the head is
taken, and shown.

Prints one line. Exit code 0: every event stands in the signed log exactly as in the proof. 1: it does not. 2: bad use.
The hashes are those of RFC 6962, section 2.1; the tree head that of section 3.5; the signature Ed25519, RFC 8032.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

HEADER = b"commerce log row 1\n"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
OWN_STREAMS = ("reservation", "payment", "shipment", "process")
PEM_PREFIX = bytes.fromhex("302a300506032b6570032100")  # what DER puts before the 32 bytes of an Ed25519 key (RFC 8410)


class Refused(Exception):
    """What is wrong with the proof or the head."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Check a proof of an order's events against a signed tree head.")
    parser.add_argument("proof", type=Path)
    parser.add_argument("heads", type=Path)
    parser.add_argument("--key", help="the public key: a PEM file, or base64")
    given = parser.parse_args()
    try:
        proof = read_proof(given.proof.read_text(encoding="utf-8"))
        head = find_head(given.heads.read_text(encoding="utf-8").splitlines(), proof["tree_size"])
        key = read_key(given.key) if given.key else base64.b64decode(head["public_key"], validate=True)
        check_head(head, key)
        check_events(proof, base64.b64decode(head["sha256_root_hash"], validate=True))
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except Refused as error:
        print(f"no: {error}")
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        print(f"no: this is not a proof and a tree head ({type(error).__name__}: {error})")
        return 1
    signed = datetime.fromtimestamp(head["timestamp"] / 1000, UTC).isoformat(timespec="seconds")
    print(
        f"yes: {len(proof['events'])} events of order {proof['order_id']} stand in the log of {head['tree_size']} "
        "events"
        f" signed at {signed} with key {base64.b64encode(key).decode()}"
    )
    return 0


def read_proof(content: str) -> dict[str, Any]:
    """The proof; heads in its place are recognised by their first line."""
    lines = content.splitlines()
    if lines and "tree_head_signature" in lines[0]:
        raise Refused(
            "the first file holds tree heads; name the proof first, then the heads: check_proof.py PROOF HEADS"
        )
    proof: dict[str, Any] = json.loads(content)
    return proof


def find_head(lines: Iterable[str], tree_size: int) -> dict[str, Any]:
    """The head of the proof's tree size."""
    for line in lines:
        head: dict[str, Any] = json.loads(line)
        if head["tree_size"] == tree_size:
            return head
    raise Refused(f"there is no head of a tree of {tree_size} leaves")


def read_key(text: str) -> bytes:
    """The key's 32 bytes."""
    path = Path(text)
    if path.is_file():
        lines = [
            line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("-----")
        ]
        der = base64.b64decode("".join(lines), validate=True)
        if not der.startswith(PEM_PREFIX):
            raise Refused(f"{text} holds no public Ed25519 key")
        return der[len(PEM_PREFIX) :]
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Refused(f"{text} is neither a file nor base64") from None


def check_head(head: dict[str, Any], key: bytes) -> None:
    root = base64.b64decode(head["sha256_root_hash"], validate=True)
    signed = b"\x00\x01" + head["timestamp"].to_bytes(8, "big") + head["tree_size"].to_bytes(8, "big") + root
    if not is_signed(key, signed, base64.b64decode(head["tree_head_signature"], validate=True)):
        raise Refused(f"the head of {head['tree_size']} leaves was not signed with this key")


def check_events(proof: dict[str, Any], root: bytes) -> None:
    if proof["format"] != "commerce proof 1":
        raise Refused(f"the format {proof['format']!r} is unknown")
    if not proof["events"]:
        raise Refused("the proof has no events")
    last = -1
    for event in proof["events"]:
        position, number = event["row"]["notification_id"], event["leaf_index"]
        if not last < number < proof["tree_size"]:
            raise Refused(f"the event at position {position} stands out of order")
        path = [bytes.fromhex(each) for each in event["audit_path"]]
        leaf = hashlib.sha256(b"\x00" + leaf_bytes(event["row"])).digest()
        if root_of(leaf, number, proof["tree_size"], path) != root:
            raise Refused(f"the event at position {position} is not what was signed")
        last = number
    check_complete(UUID(proof["order_id"]), [event["row"] for event in proof["events"]])


def check_complete(order: UUID, rows: list[dict[str, Any]]) -> None:
    """All events are about the order, and its own streams have no holes; that they do not go on cannot be proved."""
    versions = {str(order): 0} | {str(uuid5(order, name)): 0 for name in OWN_STREAMS}
    for row in rows:
        stream, version = row["originator_id"], row["originator_version"]
        if str(order) not in (stream, row["correlation_id"]):
            raise Refused(f"the event at position {row['notification_id']} is not about the order")
        if stream in versions:
            versions[stream] += 1
            if version != versions[stream]:
                raise Refused(f"version {versions[stream]} of stream {stream} is left out")
    if versions[str(order)] == 0:
        raise Refused("the order's own stream is left out")


def leaf_bytes(row: dict[str, Any]) -> bytes:
    """The columns in order: 0 for NULL, or 1, the length in four bytes, and the bytes as PostgreSQL sends them."""
    columns = [
        UUID(row["originator_id"]).bytes,
        bigint(row["originator_version"]),
        text(row["topic"]),
        text(row["state"]),
        bigint(row["notification_id"]),
        bigint((datetime.fromisoformat(row["recorded_at"]) - EPOCH) // timedelta(microseconds=1)),
        None if row["correlation_id"] is None else UUID(row["correlation_id"]).bytes,
        None if row["causation_id"] is None else bigint(row["causation_id"]),
        text(row["metadata"]),
    ]
    return HEADER + b"".join(
        b"\x00" if column is None else b"\x01" + len(column).to_bytes(4, "big") + column for column in columns
    )


def bigint(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


def text(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


def root_of(leaf: bytes, number: int, size: int, path: list[bytes]) -> bytes:
    """RFC 6962, section 2.1.1: from the leaf up, with the other half of each subtree that it is in."""
    if size == 1:
        if path:
            raise Refused("an audit path is too long")
        return leaf
    if not path:
        raise Refused("an audit path is too short")
    half = 1 << ((size - 1).bit_length() - 1)
    if number < half:
        return hashlib.sha256(b"\x01" + root_of(leaf, number, half, path[:-1]) + path[-1]).digest()
    return hashlib.sha256(b"\x01" + path[-1] + root_of(leaf, number - half, size - half, path[:-1])).digest()


# Ed25519 (RFC 8032, section 5.1): points of -x² + y² = 1 + d·x²·y² modulo P, as (X, Y, Z, T) with x = X/Z, y = Y/Z, x·y
# = T/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Section 5.1.7: whether S·B = R + k·A."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, commitment = decompress(key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = multiply(s, base_point()), add(commitment, multiply(k, public))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


def base_point() -> Point:
    found = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    if found is None:
        raise ArithmeticError("the curve has no base point")
    return found


def decompress(data: bytes) -> Point | None:
    """Section 5.1.3: a point from y and the lowest bit of x; None for bytes that are no point."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def add(one: Point, other: Point) -> Point:
    """Section 5.1.4."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * D * one[3] * other[3] % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(factor: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = add(result, point)
        point, factor = add(point, point), factor >> 1
    return result


if __name__ == "__main__":
    sys.exit(main())
