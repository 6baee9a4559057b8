"""The API's own words in plain ones, for people."""

from __future__ import annotations

from collections.abc import Mapping

from api.console.languages import N_

_WORDS: Mapping[str, str] = {
    "placed": N_("placed"),
    "confirmed": N_("confirmed"),
    "rejected": N_("rejected"),
    "cancelled": N_("cancelled"),
    "cancellation_requested": N_("cancellation requested"),
    "running": N_("running"),
    "compensating": N_("being undone"),
    "completed": N_("completed"),
    "failed": N_("failed"),
    "operator": N_("operator"),
    "auditor": N_("auditor"),
    "out_of_stock": N_("out of stock"),
    "payment_declined": N_("payment declined"),
    "unknown_product": N_("unknown product"),
}
"""Words that are shown, as extraction for translations finds them."""


def plain_words(word: str) -> str:
    """A word of the API as people write it, to be translated."""
    return _WORDS.get(word, word.replace("_", " "))
