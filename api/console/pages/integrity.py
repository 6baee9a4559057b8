"""Nothing changed: when the log was signed last, and the proof of an order to be taken along."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import Response

from api.console.api_calls import Document
from api.console.cells import Cell, Moment
from api.console.languages import N_
from api.console.pages.log import subject_id
from api.console.routes import Pages
from api.console.streams import AnswerOfApi
from api.console.tables import Column
from api.console.view import View
from api.http.errors import MalformedRequest

pages = Pages()


def _signed_at(head: Document) -> Cell:
    return Moment(datetime.fromtimestamp(head["timestamp"] / 1000, UTC))


COLUMNS = (
    Column(N_("Signed"), _signed_at),
    Column(N_("Events"), lambda head: head["tree_size"], is_number=True),
    Column(N_("Root of the tree (SHA-256)"), lambda head: head["sha256_root_hash"]),
    Column(N_("Public key"), lambda head: head["public_key"]),
)


@pages.page("/integrity")
async def show_heads(view: View) -> Response:
    """Show the signed heads of the log, the newest first."""
    return await view.table_page("integrity.html", "/api/v1/audit/heads", {}, COLUMNS)


@pages.action("/integrity/proof")
async def send_proof(view: View) -> Response:
    """Send the proof of an order that is named by its number or id, as a file."""
    order = view.form.get("order", "")
    if not order:
        raise MalformedRequest("name an order, by its number or its id")
    order_id = await subject_id(view, order)
    return AnswerOfApi(view, f"/api/v1/audit/orders/{order_id}/proof", file=f"proof-{order_id}.json")
