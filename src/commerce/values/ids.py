"""The ids of streams. Those that must come out the same under retry are UUIDv5 of what they stand for.

An order's id begins with the time at which it is placed (UUIDv7; RFC 9562, 5.7), and the ids of what belongs to it
begin with the same time (UUIDv8; 5.8). So what is appended together stands together in every index, however large the
log is (docs/adr/0053). Orders of earlier releases have UUIDv5, and so has what belongs to them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

_KEPT_IDS = 12_000
"""Ids of each cache. An order's are asked for again while it is under way: to remember one takes 0.2 µs, to compute it
3 µs.

An order has five in the process manager; each takes 260 bytes. Those of SKUs are kept apart, as new orders would drive
them out.
"""

_ROOT = UUID("6f0d3a4e-6b1c-5b52-9a35-0c8f4f2a7d11")
_PRODUCT = uuid5(_ROOT, "product")
_STOCK_ITEM = uuid5(_ROOT, "stock item")
_ORDER = uuid5(_ROOT, "order")
_REFUND = uuid5(_ROOT, "refund")
_REFERENCE = uuid5(_ROOT, "reference")
_REFERENCE_CLAIM = uuid5(_ROOT, "reference claim")
_WEBHOOK = uuid5(_ROOT, "webhook")
_API_KEY = uuid5(_ROOT, "api key")
_WEBHOOK_ENDPOINT = uuid5(_ROOT, "webhook endpoint")
_UNKNOWN_PAYMENT = uuid5(_ROOT, "unknown payment")
_UNKNOWN_SHIPMENT = uuid5(_ROOT, "unknown shipment")
_EMAIL_CLAIM = uuid5(_ROOT, "e-mail claim")
_STAFF = uuid5(_ROOT, "staff")
_ERASURE = uuid5(_ROOT, "erasure")
_SECRET = uuid5(_ROOT, "secret for one purpose")
MASTER_KEYS = uuid5(_ROOT, "master keys")
"""The stream that says which master keys there are, and which is current; SQL functions name it, too."""

_of_sku = lru_cache(maxsize=_KEPT_IDS)(uuid5)

_WITH_TIME = (7, 8)
"""The versions of ids that begin with a time."""
_TIME_BYTES = 6
"""How long that time is; it is in milliseconds since 1970."""


@lru_cache(maxsize=_KEPT_IDS)
def _named(owner: UUID, name: str) -> UUID:
    """The id of what belongs to an order or its process, by its name."""
    named = uuid5(owner, name)
    if owner.version not in _WITH_TIME:
        return named
    version = 0x80 | named.bytes[_TIME_BYTES] & 0x0F
    return UUID(bytes=owner.bytes[:_TIME_BYTES] + bytes((version,)) + named.bytes[_TIME_BYTES + 1 :])


_WRITTEN = re.compile(
    r"(?:urn:uuid:|(\{))?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})(?(1)\})",
    re.ASCII | re.IGNORECASE,
)


def read_id(text: str) -> UUID | None:
    """The id that somebody wrote: in upper or lower case, with hyphens or without, in braces or as a URN. None where it
    is no id."""
    found = _WRITTEN.fullmatch(text.strip())
    return UUID(found[2]) if found else None


def new_order_id() -> UUID:
    """The id of an order that is placed now."""
    return uuid7()


def order_id_of_request(scope: str, idempotency_key: str) -> UUID:
    """The order that releases before ids began with a time placed for a client's request; `scope` is the token's
    subject and the route."""
    return uuid5(_ORDER, f"{scope}\0{idempotency_key}")


def refund_id(scope: str, idempotency_key: str) -> UUID:
    """The refund that a client's request stands for; `scope` is the token's subject and the route, which names the
    order."""
    return uuid5(_REFUND, f"{scope}\0{idempotency_key}")


def reference_id(digest: str) -> UUID:
    """What orders with one reference are found by; `digest` is a keyed hash of it."""
    return uuid5(_REFERENCE, digest)


def reference_claim_id(digest: str) -> UUID:
    """The stream that claims a reference; `digest` is a keyed hash of the reference and its channel."""
    return uuid5(_REFERENCE_CLAIM, digest)


def product_id(sku: str) -> UUID:
    """The stream of a product."""
    return _of_sku(_PRODUCT, sku)


def stock_item_id(sku: str) -> UUID:
    """The stream of a stock item."""
    return _of_sku(_STOCK_ITEM, sku)


def reservation_id(order: UUID) -> UUID:
    """The stream of an order's reservation."""
    return _named(order, "reservation")


def payment_id(order: UUID) -> UUID:
    """The stream of an order's payment."""
    return _named(order, "payment")


def shipment_id(order: UUID) -> UUID:
    """The stream of an order's shipment."""
    return _named(order, "shipment")


def webhook_id(provider: str, event_id: str) -> UUID:
    """The stream of a message of a provider, which numbers its messages itself."""
    return uuid5(_WEBHOOK, f"{provider}\0{event_id}")


def api_key_id(digest: str) -> UUID:
    """The stream of an API key; `digest` is a hash of it."""
    return uuid5(_API_KEY, digest)


def webhook_endpoint_id(scope: str, idempotency_key: str) -> UUID:
    """The webhook endpoint that an operator's request stands for; `scope` is the token's subject and the route."""
    return uuid5(_WEBHOOK_ENDPOINT, f"{scope}\0{idempotency_key}")


def unknown_payment_id(provider: str, authorization_id: str) -> UUID:
    """What stands in an order's place for a payment that is none's."""
    return uuid5(_UNKNOWN_PAYMENT, f"{provider}\0{authorization_id}")


def unknown_shipment_id(booking_id: str) -> UUID:
    """What stands in an order's place for a booking at the carrier that is none's."""
    return uuid5(_UNKNOWN_SHIPMENT, booking_id)


def process_id(order: UUID) -> UUID:
    """The stream of an order's process."""
    return _named(order, "process")


def request_id(process: UUID, command: str) -> UUID:
    """One command of a process to another part, such as `authorize`; also the idempotency key towards the outside."""
    return _named(process, command)


def notes_after_erasure_id(order: UUID) -> UUID:
    """Whose key seals what is written about an order after the keys of its customer and of its process were
    destroyed."""
    return uuid5(order, "notes after erasure")


def erasure_id(person: UUID) -> UUID:
    """The stream of a person's erasure: a customer's, or a guest's, whom their order stands for."""
    return uuid5(_ERASURE, person.hex)


def email_claim_id(digest: str) -> UUID:
    """The stream that claims an e-mail address; `digest` is a keyed hash of it."""
    return uuid5(_EMAIL_CLAIM, digest)


def staff_id(digest: str) -> UUID:
    """The stream of a member of staff; `digest` is a keyed hash of their e-mail address."""
    return uuid5(_STAFF, digest)


def logins_id(claim: UUID) -> UUID:
    """The stream of the logins with an e-mail address, or of a member of staff."""
    return uuid5(claim, "logins")


def refused_logins_id(claim: UUID) -> UUID:
    """The stream of the refused logins with an e-mail address, whether it is a customer's or nobody's."""
    return uuid5(claim, "refused logins")


def password_resets_id(claim: UUID) -> UUID:
    """The stream of the mails by which the password of an e-mail address is replaced."""
    return uuid5(claim, "password resets")


def nobody_id(claim: UUID) -> UUID:
    """What stands in the place of the customer for an e-mail address that is nobody's; nothing is ever recorded of
    it."""
    return uuid5(claim, "nobody")


def secret_id(purpose: str) -> UUID:
    """Whose key, among people's, a secret for one purpose is kept as."""
    return uuid5(_SECRET, purpose)
