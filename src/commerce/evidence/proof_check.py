"""Checks a proof of an order's events against a signed tree head, as `scripts/check_proof.py` does; pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import TypeAdapter, ValidationError

from commerce.evidence.heads import PublishedHead, TreeHead
from commerce.evidence.leaf import Row
from commerce.evidence.merkle import InvalidProof, inclusion_root
from commerce.evidence.proof import FORMAT, Proof
from commerce.values import ids

_PROOFS = TypeAdapter(Proof)
_LARGEST_TREE_EVENTS = 2**63 - 1


def read_proof(content: str) -> Proof:
    """A proof from its file. Raises `InvalidProof` for anything else."""
    if '"tree_head_signature"' in content.partition("\n")[0]:
        raise InvalidProof("this file holds tree heads, and no proof of an order")
    try:
        proof = _PROOFS.validate_json(content, strict=True)
        UUID(proof["order_id"])
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise InvalidProof(f"this file is no proof ({f'{where}: ' if where else ''}{wrong['msg']})") from None
    except ValueError:
        raise InvalidProof("this file is no proof (its order_id is no UUID)") from None
    if proof["format"] != FORMAT:
        raise InvalidProof(f"this file is a proof in another form than {FORMAT!r}")
    if not 0 < proof["tree_size"] <= _LARGEST_TREE_EVENTS:
        raise InvalidProof("this file is no proof (its tree_size is no size of a tree)")
    return proof


def signed_head(published: PublishedHead) -> TreeHead:
    """A head as it was published. Raises `InvalidProof` where its signature is not good, or there is no key to check
    it with."""
    if published.public_key is None:
        raise InvalidProof("this machine does not have the public key of the signed heads")
    head = TreeHead(
        published.tree_size,
        published.timestamp,
        base64.b64decode(published.sha256_root_hash),
        base64.b64decode(published.tree_head_signature),
    )
    if not head.is_signed_by(Ed25519PublicKey.from_public_bytes(base64.b64decode(published.public_key))):
        raise InvalidProof(f"the signature of the head of {head.tree_size} events is not good")
    return head


def check_proof(proof: Proof, head: TreeHead) -> None:
    """Raises `InvalidProof` unless every event stands in the signed log exactly so, all are about the order, and its
    own streams have no hole; that they do not go on cannot be proved."""
    if not proof["events"]:
        raise InvalidProof("the proof has no events")
    if proof["tree_size"] != head.tree_size:
        raise InvalidProof(f"the proof is for a head of {proof['tree_size']} events, and not {head.tree_size}")
    last, rows = -1, []
    for event in proof["events"]:
        number, row = event["leaf_index"], _row(event["row"])
        if not last < number < head.tree_size:
            raise InvalidProof(f"the event at position {row.position} stands out of order")
        if inclusion_root(row.hash(), number, head.tree_size, _path(event["audit_path"])) != head.root:
            raise InvalidProof(f"the event at position {row.position} is not what was signed")
        last = number
        rows.append(row)
    _require_whole(UUID(proof["order_id"]), rows)


def _row(readable: dict[str, str | int | None]) -> Row:
    try:
        return Row.of_readable(readable)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise InvalidProof("an event of the proof is no row of the log") from None


def _path(hashes: Iterable[str]) -> list[bytes]:
    try:
        return [bytes.fromhex(each) for each in hashes]
    except ValueError:
        raise InvalidProof("an audit path of the proof is not in hexadecimal") from None


def _require_whole(order: UUID, rows: Iterable[Row]) -> None:
    own = (order, ids.reservation_id(order), ids.payment_id(order), ids.shipment_id(order), ids.process_id(order))
    versions = dict.fromkeys((stream.bytes for stream in own), 0)
    for row in rows:
        if order.bytes not in (row.originator_id, row.correlation_id):
            raise InvalidProof(f"the event at position {row.position} is not about the order")
        if row.originator_id not in versions:
            continue
        versions[row.originator_id] += 1
        if row.version != versions[row.originator_id]:
            stream = UUID(bytes=row.originator_id)
            raise InvalidProof(f"version {versions[row.originator_id]} of stream {stream} is left out")
    if not versions[order.bytes]:
        raise InvalidProof("the order's own stream is left out")
