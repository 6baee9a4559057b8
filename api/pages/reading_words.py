"""What somebody saw by a route of the API, in words, for the record of who looked."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.languages import N_

_ORDER = "GET /api/v1/orders/{order_id}"
READING_WORDS: Mapping[str, str] = {
    "GET /api/v1/orders": N_("a list of orders"),
    _ORDER: N_("the order, with name and address"),
    f"{_ORDER}/payment": N_("its payment"),
    f"{_ORDER}/refunds": N_("its refunds"),
    f"{_ORDER}/shipments": N_("its shipments"),
    f"{_ORDER}/process": N_("its process"),
    f"{_ORDER}/timeline": N_("what happened to it"),
    f"{_ORDER}/events": N_("what happens to it, live"),
    "GET /api/v1/refunds": N_("a list of refunds"),
    "GET /api/v1/customers": N_("customers of an e-mail address"),
    "GET /api/v1/customers/{customer_id}": N_("the customer's profile"),
    "GET /api/v1/customers/{customer_id}/export": N_("an export of everything"),
    "GET /api/v1/audit/events": N_("a part of the log"),
    "GET /api/v1/audit/streams/{stream_id}": N_("events of one stream"),
    "GET /api/v1/audit/streams/{stream_id}/state": N_("how it was at a time"),
    "GET /api/v1/audit/orders/{order_id}/trace": N_("what caused what"),
    "GET /api/v1/audit/orders/{order_id}/proof": N_("a proof, to take along"),
    "GET /api/v1/ops/cases": N_("a list of cases"),
}
"""By method and path, as the record has them; what is not here is shown so."""
