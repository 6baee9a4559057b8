"""The fields of what an order's streams add up to, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.languages import N_, Language

FieldPath = tuple[str | int, ...]
"""The way to a value of a state: names of fields, and places in lists from 1."""

CODED_FIELDS = frozenset({"status", "status_before", "stage", "outcome", "kind", "reason", "refusal"})
"""Fields whose value is a word of the API, or may be one."""

FIELD_WORDS: Mapping[str, str] = {
    "about": N_("about"),
    "action": N_("what the customer has to do"),
    "amount": N_("amount"),
    "answer_by": N_("to be answered by"),
    "asked": N_("the last one asked for"),
    "attempted": N_("last attempts"),
    "authorization_id": N_("the provider's id"),
    "authorized": N_("authorised"),
    "awaits": N_("waits for"),
    "booking": N_("booking"),
    "cancellation_reason": N_("reason of the cancellation"),
    "captured": N_("taken"),
    "carrier": N_("shipped by"),
    "cases": N_("open cases"),
    "chosen": N_("payment method chosen"),
    "city": N_("town"),
    "completion": N_("how it ends"),
    "confirmed": N_("confirmed"),
    "country": N_("country"),
    "currency": N_("currency"),
    "customer_id": N_("customer"),
    "deadline": N_("deadline"),
    "detail": N_("details"),
    "differences": N_("answers that differed"),
    "dispute_id": N_("dispute"),
    "disputes": N_("disputes"),
    "due_at": N_("due"),
    "email": N_("e-mail address"),
    "ended": N_("earlier ones that ended"),
    "estimated_delivery": N_("expected to arrive"),
    "failure": N_("why it failed"),
    "held": N_("done so far"),
    "held_until": N_("money set aside until"),
    "hold_deadline": N_("deadline of the money set aside"),
    "irrevocable": N_("what cannot be undone"),
    "is_handled": N_("handled"),
    "kind": N_("kind"),
    "late": N_("done late"),
    "ledger_differences": N_("differences between ledgers"),
    "line": N_("line"),
    "line1": N_("street"),
    "line2": N_("further address"),
    "lines": N_("line"),
    "name": N_("name"),
    "number": N_("number"),
    "open_refunds": N_("refunds on their way"),
    "opened_id": N_("payment begun"),
    "order_due_at": N_("the order is due"),
    "outcome": N_("outcome"),
    "outlasts_undoing": N_("stays open when all is undone"),
    "overdue": N_("times overdue"),
    "owner": N_("owner"),
    "party": N_("party"),
    "party_id": N_("the party's id"),
    "payment_method": N_("payment method"),
    "phone": N_("telephone number"),
    "postcode": N_("postcode"),
    "postponed": N_("postponed"),
    "price_overridden": N_("price set by hand"),
    "provider": N_("payment provider"),
    "quantity": N_("quantity"),
    "reason": N_("reason"),
    "redirect_url": N_("page of the provider"),
    "reference": N_("reference"),
    "reference_id": N_("reference's id"),
    "refund_deadline": N_("deadline of the refund"),
    "refund_id": N_("refund"),
    "refunded": N_("given back"),
    "refunds": N_("refunds"),
    "refunds_overdue": N_("times a refund was overdue"),
    "refusal": N_("why it was refused"),
    "region": N_("region"),
    "seconds": N_("done a second time, and cleared up"),
    "shipping_address": N_("shipping address"),
    "skipped": N_("taken as undone"),
    "sku": N_("SKU"),
    "stage": N_("stage"),
    "status": N_("status"),
    "status_before": N_("status before"),
    "stocked": N_("kept in stock"),
    "total": N_("total"),
    "tracking_number": N_("tracking number"),
    "tries": N_("attempts to pay"),
    "unit_price": N_("unit price"),
    "until": N_("until"),
    "unwanted_booking": N_("booking that nobody wants"),
    "wanted": N_("wanted"),
}


def path_words(path: FieldPath, language: Language) -> str:
    """The way to a value as people read it; what is no field, as the key of a map, stays as it is."""
    texts: list[str] = []
    for part in path:
        if isinstance(part, int):
            texts[-1] += f" {part}"
        else:
            texts.append(language.text(FIELD_WORDS.get(part, part.replace("_", " "))))
    return ", ".join(texts)
