"""The API's own words in plain ones, for people."""

from __future__ import annotations

from collections.abc import Mapping

from api.console.languages import N_
from api.console.process_words import PROCESS_WORDS

_WORDS: Mapping[str, str] = {
    "placed": N_("placed"),
    "confirmed": N_("confirmed"),
    "rejected": N_("rejected"),
    "cancelled": N_("cancelled"),
    "cancelling": N_("being cancelled"),
    "shipped": N_("on its way"),
    "delivered": N_("delivered"),
    "running": N_("running"),
    "compensating": N_("being undone"),
    "completed": N_("completed"),
    "failed": N_("failed"),
    "operator": N_("operator"),
    "auditor": N_("auditor"),
    "out_of_stock": N_("out of stock"),
    "payment_declined": N_("payment declined"),
    "unknown_product": N_("unknown product"),
    "payment_unavailable": N_("payment provider without an answer"),
    "shipping_unavailable": N_("carrier without an answer, or refusing"),
    "timed_out": N_("took too long"),
    "given_up": N_("given up by the shop"),
    "none": N_("none"),
    "authorizing": N_("being authorised"),
    "action_required": N_("waits for the customer"),
    "authorized": N_("authorised"),
    "declined": N_("declined"),
    "capturing": N_("being taken"),
    "captured": N_("taken"),
    "voiding": N_("being let go"),
    "voided": N_("let go"),
    "refunding": N_("being given back"),
    "refunded": N_("given back"),
    "requested": N_("asked for"),
    "unknown": N_("not known"),
    "differed": N_("went otherwise than asked"),
    "closed": N_("closed"),
    "booking": N_("being booked"),
    "scheduled": N_("booked"),
    "refused": N_("refused"),
    "dispatched": N_("left the house"),
    "compensated": N_("undone"),
    "open": N_("open"),
    "ahead": N_("comes later"),
    "asked": N_("asked for, no answer yet"),
    "done": N_("done"),
    "undoing": N_("being undone"),
    "undone": N_("undone"),
    "skipped": N_("taken as undone"),
    "left_out": N_("left out"),
    "won": N_("won"),
    "lost": N_("lost"),
    "order": N_("Order"),
    "process": N_("Process"),
    "reservation": N_("Reservation"),
    "payment": N_("Payment"),
    "shipment": N_("Shipment"),
    "ordering": N_("Order"),
    "inventory": N_("Stock"),
    "payments": N_("Payment"),
    "shipping": N_("Shipment"),
    "saga": N_("Process"),
}
"""Words that are shown, as extraction for translations finds them."""


def plain_words(word: str) -> str:
    """A word of the API as people write it, to be translated."""
    return _WORDS.get(word) or PROCESS_WORDS.get(word, word.replace("_", " "))
