"""Faults that a payment provider or a carrier may have, and the checks that find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from tests.integration.gateways.faulty_party import Answer, Body, Call, Fault, Truth


@dataclass
class Forgetful:
    """Keeps no keys: each call is a new one."""

    async def __call__(self, call: Call, truth: Truth) -> Answer:
        return await truth(call.under(str(uuid4())))


@dataclass
class Racing:
    """Keeps keys, but not while the first call of one is under way."""

    under_way: set[str] = field(default_factory=set)

    async def __call__(self, call: Call, truth: Truth) -> Answer:
        if call.key in self.under_way:
            return await truth(call.under(str(uuid4())))
        self.under_way.add(call.key)
        try:
            return await truth(call)
        finally:
            self.under_way.discard(call.key)


@dataclass
class Careless:
    """Gives the first answer of a key to any request under it."""

    answers: dict[str, Answer] = field(default_factory=dict)

    async def __call__(self, call: Call, truth: Truth) -> Answer:
        if call.method != "POST":
            return await truth(call)
        if call.key not in self.answers:
            self.answers[call.key] = await truth(call)
        return self.answers[call.key]


@dataclass
class OneOfEach:
    """Takes a refund of the same amount for the same refund, whatever its key."""

    keys: dict[str, str] = field(default_factory=dict)

    async def __call__(self, call: Call, truth: Truth) -> Answer:
        if call.operation != "refunds":
            return await truth(call)
        return await truth(call.under(self.keys.setdefault(f"{call.path} {call.body}", call.key)))


def instead(code: str, http_status: int, /, **body: object) -> Fault:
    """Answers something else where the rules make it answer this code."""

    async def answer(call: Call, truth: Truth) -> Answer:
        true = await truth(call)
        return Answer(http_status, {**call.body, **body}) if true.body.get("code") == code else true

    return answer


def changed(operation: str, change: Callable[[Call, Answer], Answer]) -> Fault:
    """Answers something else to one operation that succeeds."""

    async def answer(call: Call, truth: Truth) -> Answer:
        true = await truth(call)
        return change(call, true) if call.operation == operation and true.status < 300 else true

    return answer


def without(operation: str, *names: str) -> Fault:
    """Leaves out fields of an answer."""
    return changed(
        operation,
        lambda _, true: Answer(true.status, {name: value for name, value in true.body.items() if name not in names}),
    )


def with_other(operation: str, **fields: object) -> Fault:
    """Answers with other fields than is true."""
    return changed(operation, lambda _, true: Answer(true.status, {**true.body, **fields}))


def found_wrong(**fields: object) -> Fault:
    """Finds another answer under a key than was given."""
    return changed("find", lambda _, true: Answer(200, {**true.body, "answer": {**true.body["answer"], **fields}}))


def listed_wrong(change: Callable[[list[Body]], list[Body]]) -> Fault:
    """Lists something else than moved."""

    async def answer(call: Call, truth: Truth) -> Answer:
        true = await truth(call)
        is_listing = call.method == "GET" and "since=" in call.path
        return Answer(200, {**true.body, "items": change(true.body["items"])}) if is_listing else true

    return answer


def asked_otherwise(**body: object) -> Fault:
    """Takes no notice of what is wrong in a request: does something that is right instead."""

    async def answer(call: Call, truth: Truth) -> Answer:
        true = await truth(call)
        is_malformed = call.method == "POST" and true.body.get("code") == "invalid_request"
        return await truth(call.of(**body)) if is_malformed else true

    return answer


async def open_to_all(call: Call, truth: Truth) -> Answer:
    """Asks nobody for a credential."""
    return await truth(call) if "Authorization" in call.headers else Answer(404, {"code": "operation_not_found"})


async def failing(call: Call, truth: Truth) -> Answer:
    """Breaks where it should say no."""
    true = await truth(call)
    return Answer(503, {"detail": "out of order"}) if 400 <= true.status < 500 else true


async def blank(call: Call, truth: Truth) -> Answer:
    """Says no in a page for people."""
    true = await truth(call)
    return Answer(true.status, raw=b"<html>No.</html>") if true.status == 404 else true


def raw(operation: str, text: bytes) -> Fault:
    """Answers something that is no JSON object of at most 1 MiB."""
    return changed(operation, lambda _, true: Answer(true.status, raw=text))


_MANY = b'{"status": "authorized", "more": "' + b"x" * 1024**2 + b'"}'

PROVIDER_FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "keeps no keys": (
        Forgetful(),
        {
            *("same-key-authorize", "same-key-capture", "same-key-void", "same-key-refund", "same-key-other-body"),
            *("at-once-authorize", "at-once-refund", "find", "find-void", "ledger"),
        },
    ),
    "does the same twice at the same time": (Racing(), {"at-once-authorize", "at-once-refund"}),
    "takes any request under a used key": (Careless(), {"same-key-other-body"}),
    "asks for no credential": (open_to_all, {"credential"}),
    "sets another amount aside": (with_other("authorizations", amount="19.98"), {"authorize", "capture", "void"}),
    "names no currency": (without("capture", "currency"), {"capture", "refund"}),
    "captures for another order": (with_other("capture", order_id=str(uuid4())), {"capture-part"}),
    "voids another authorisation": (with_other("void", authorization_id="auth_other"), {"void", "find-void"}),
    "makes one of equal refunds": (OneOfEach(), {"equal-refunds"}),
    "refunds without an id": (without("refunds", "refund_id"), {"refund"}),
    "refunds another currency": (with_other("refunds", currency="USD"), {"refund"}),
    "answers more than 1 MiB": (raw("authorizations", _MANY), {"authorize"}),
    "answers no JSON": (raw("capture", b"captured"), {"capture"}),
    "names something twice": (raw("void", b'{"status": "voided", "status": "voided"}'), {"void"}),
    "declines nobody": (instead("card_declined", 201, status="authorized", authorization_id="auth_1"), {"decline"}),
    "sends customers nowhere": (with_other("authorizations", redirect_url="javascript:pay()"), {"action"}),
    "takes unknown methods": (
        instead("unknown_payment_method", 201, status="authorized", authorization_id="auth_1"),
        {"unknown-method"},
    ),
    "breaks where it should say no": (failing, {"decline", "unknown-void", "refund-before-capture", "find-nothing"}),
    "says no in HTML": (blank, {"unknown-capture", "unknown-void", "unknown-refund", "find-nothing"}),
    "takes and gives back too much": (
        instead("amount_too_large", 200, status="captured", authorization_id="auth_1"),
        {"capture-too-much", "refund-too-much"},
    ),
    "captures twice": (instead("already_captured", 200, status="captured"), {"capture-twice", "void-after-capture"}),
    "lets go twice": (instead("already_voided", 200, status="voided"), {"capture-after-void", "void-twice"}),
    "gives back what was not taken": (instead("not_captured", 201, status="refunded"), {"refund-before-capture"}),
    "reads any amount": (asked_otherwise(amount="1", currency="EUR"), {"malformed-amount", "unknown-currency"}),
    "captures in any currency": (asked_otherwise(amount="1.00", currency="EUR"), {"other-currency"}),
    "finds another amount": (found_wrong(amount="1.00"), {"find"}),
    "finds what was never asked": (
        instead("operation_not_found", 200, status_code=200, answer={"status": "voided", "authorization_id": "a"}),
        {"find-nothing"},
    ),
    "names no payment methods": (with_other("payment-methods", payment_methods=[]), {"payment-methods"}),
    "shows an empty ledger": (with_other("ledger", items=[]), {"ledger"}),
    "lists nothing that moved": (listed_wrong(lambda items: []), {"listing"}),
    "lists other sums": (listed_wrong(lambda items: [{**one, "refunded": "0.00"} for one in items]), {"listing"}),
}

CARRIER_FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "keeps no keys": (
        Forgetful(),
        {"same-key-book", "same-key-other-body", "at-once-book", "find"},
    ),
    "does the same twice at the same time": (Racing(), {"at-once-book"}),
    "takes any request under a used key": (Careless(), {"same-key-other-body"}),
    "asks for no credential": (open_to_all, {"credential"}),
    "books for another country": (with_other("shipments", country="FR"), {"book", "cancel"}),
    "books without a tracking number": (without("shipments", "tracking_number"), {"book"}),
    "books two parcels": (with_other("shipments", parcels=2), {"book"}),
    "says no day": (with_other("shipments", estimated_delivery="soon"), {"book"}),
    "calls off another shipment": (with_other("cancellation", shipment_id="ship_other"), {"cancel", "same-key-cancel"}),
    "delivers everywhere": (instead("country_not_served", 201, status="booked"), {"unserved-country"}),
    "breaks where it should say no": (failing, {"unserved-country", "unknown-shipment", "collected", "find-nothing"}),
    "says no in HTML": (blank, {"unknown-shipment", "find-nothing"}),
    "calls off what is on its way": (instead("already_collected", 200, status="cancelled"), {"collected"}),
    "reads any booking": (
        asked_otherwise(
            recipient={"name": "J", "line1": "1", "city": "T", "country": "DE"},
            parcels=1,
        ),
        {"malformed-booking"},
    ),
    "finds another booking": (found_wrong(shipment_id="ship_other"), {"find"}),
    "lists everything as booked": (
        listed_wrong(lambda items: [{**one, "status": "booked"} for one in items]),
        {"listing"},
    ),
}
