"""Nothing changed: when the log was signed last, whether a proof of an order holds, and one to be taken along."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import Response

from api.console.pages.log import subject_id
from api.http.errors import MalformedRequest
from api.http.sites import CONSOLE
from api.pages.actions import PageAction, Preview, declare_action
from api.pages.api_calls import ApiProblem, Document
from api.pages.cells import Cell, Link, Moment, Status
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.streams import AnswerOfApi
from api.pages.tables import Column
from api.pages.view import View
from commerce.evidence.heads import PublishedHead
from commerce.evidence.merkle import InvalidProof
from commerce.evidence.proof_check import check_proof, read_proof, signed_head

pages = Pages()

_HEADS = "/api/v1/audit/heads"
_VERIFICATION = "/api/v1/audit/verification"
_SEAL = "seal"
LARGEST_PROOF_BYTES = 700_000
"""What a browser reads of a file: in a form, it is about half as much again, and a body has at most 1 MiB."""


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """What came of the check of a proof; `problem` is None where it holds."""

    problem: str | None
    order_id: str | None = None
    number: str | None = None
    events: int = 0
    head: Document | None = None
    """The signed head that it was checked against."""

    @property
    def order(self) -> Cell:
        """The order, by what people call it where that is known."""
        return Link(self.number or str(self.order_id), f"{CONSOLE}/orders/{self.order_id}")

    @property
    def signed_at(self) -> Cell:
        """When that head was signed."""
        return None if self.head is None else _signed_at(self.head)


def _signed_at(head: Document) -> Cell:
    return Moment(datetime.fromtimestamp(head["timestamp"] / 1000, UTC))


def _signature(head: Document) -> Cell:
    """Whether it is good, as it is checked now."""
    try:
        signed_head(PublishedHead(**head))
    except InvalidProof:
        return Status("not_good" if head["public_key"] else "unknown")
    return Status("good")


COLUMNS = (
    Column(N_("Signed"), _signed_at),
    Column(N_("Events"), lambda head: head["tree_size"], is_number=True),
    Column(N_("Signature"), _signature),
    Column(N_("Root of the tree (SHA-256)"), lambda head: head["sha256_root_hash"]),
)


@pages.page("/integrity")
async def show_heads(view: View) -> Response:
    """Show the signed heads of the log, the newest first, and what of the log they do not cover yet."""
    return await view.table_page("integrity.html", _HEADS, {}, COLUMNS, **await _about(view), checked=None)


@pages.action("/integrity")
async def check(view: View) -> Response:
    """Check the proof that was sent, and say what came of it."""
    checked, about = await asyncio.gather(_checked(view, view.form.get("proof", "")), _about(view))
    return await view.table_page("integrity.html", _HEADS, {}, COLUMNS, **about, checked=checked)


@pages.action("/integrity/proof")
async def send_proof(view: View) -> Response:
    """Send the proof of an order that is named by its number or id, as a file."""
    order = view.form.get("order", "")
    if not order:
        raise MalformedRequest("name an order, by its number or its id")
    order_id = await subject_id(view, order)
    return AnswerOfApi(view, f"/api/v1/audit/orders/{order_id}/proof", file=f"proof-{order_id}.json")


async def _preview_verification(view: View) -> Preview:
    return Preview(
        [
            view.text(N_("Every event of the log is compared with what was signed, beside the usual work.")),
            view.text(N_("What was changed, removed, moved or inserted is listed; nothing is changed.")),
        ]
    )


async def _preview_end(view: View) -> Preview:
    return Preview([view.text(N_("What is under way is given up, and says nothing about the log."))])


declare_action(
    pages,
    PageAction(
        path="/integrity/verification",
        command=f"POST {_VERIFICATION}",
        title=N_("Verify the log"),
        verb=N_("Verify it"),
        back="/integrity",
        done="verification",
        preview=_preview_verification,
    ),
)
declare_action(
    pages,
    PageAction(
        path="/integrity/verification/end",
        command=f"DELETE {_VERIFICATION}",
        title=N_("Give up the verification"),
        verb=N_("Give it up"),
        back="/integrity",
        done="given_up",
        preview=_preview_end,
    ),
)


async def _about(view: View) -> dict[str, Any]:
    """How far what is signed follows the log, as far as the viewer may know."""
    seal: Document | None = None
    if view.may("GET /api/v1/ops/subscriptions"):
        lags = await view.get("/api/v1/ops/subscriptions", {"limit": 100})
        seal = next((one for one in lags["items"] if one["name"] == _SEAL), None)
    newest = (await view.get(_HEADS, {"limit": 1}))["items"]
    return {
        "newest": newest[0] if newest else None,
        "signed_at": _signed_at(newest[0]) if newest else None,
        "seal": seal,
        "verification": await view.find(_VERIFICATION),
        "largest": LARGEST_PROOF_BYTES,
    }


async def _checked(view: View, content: str) -> CheckedProof:
    try:
        proof = read_proof(content)
    except InvalidProof as problem:
        return CheckedProof(str(problem))
    order_id, events = proof["order_id"], len(proof["events"])
    (head,) = (await view.get(_HEADS, {"tree_size": proof["tree_size"]}))["items"] or [None]
    if head is None:
        text = N_("no head of %(size)s events was signed here; the proof is of another system, or heads are gone")
        return CheckedProof(view.text(text) % {"size": proof["tree_size"]}, order_id)
    try:
        check_proof(proof, signed_head(PublishedHead(**head)))
    except InvalidProof as problem:
        return CheckedProof(str(problem), order_id, events=events, head=head)
    return CheckedProof(None, order_id, await _number(view, order_id), events, head)


async def _number(view: View, order_id: str) -> str | None:
    """What people call the order; None where it is not found, or not for the viewer."""
    try:
        order = await view.find(f"/api/v1/orders/{order_id}")
    except ApiProblem:
        return None
    return None if order is None else str(order["number"])
