"""What Schemathesis takes for a fault of the API, and is none; `schemathesis.toml` has the rest."""

from __future__ import annotations

import json
from typing import Any

import schemathesis
from schemathesis import Case, DeserializationContext, HookContext, Response, SerializationContext
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import MissingHeaderNotRejected, RejectedPositiveData

NDJSON = "application/x-ndjson"
BEYOND_SCHEMAS = {
    "stands for an earlier request with another body": "the examples have one key",
    "the token is not accepted": "only a mail has one that is",
    "the refresh token is not accepted": "only a login has one that is; RFC 6749 wants 400",
    "the e-mail address or the password is wrong": "they are somebody's or not; RFC 6749 wants 400",
    "the parameter username is missing": "what a grant needs is said in words; RFC 6749 wants 400",
    "the parameter password is missing": "likewise",
    "the parameter refresh_token is missing": "likewise",
    "a parameter comes twice": "the document cannot say it of parameters that it does not name",
    "there is no scope": "scopes are words of one string",
    "a password has 8 to 128 characters": "it is measured as it is hashed",
    "there is no product": "the catalogue is not in the document",
    "cannot be ordered any more": "likewise",
    "must be an ISO 3166-1": "the document has the form of the code",
    "must be a known ISO 4217": "likewise",
    "name either an amount or lines": "it is said in words: generated clients lose what is one or the other",
    "the order has 1 lines": "which lines an order has is not in the document",
    "is named twice": "two elements of a list may not have the same line",
    "nothing can lie between": "which of two times is the earlier one is not in a schema",
    "is no order's number": "a number has a check character",
    "must be a day of the past": "time passes",
    "is about no order": "which events are is said in words",
    "an adjustment by 0 pieces is none": "generated clients know no number that is left out",
    "this is not a cursor of ours": "a cursor is an answer's, unchanged",
    "this time is over": "time passes",
    "name a time that is to come, within 30 days": "likewise",
    "webhooks cannot be sent there": "whether an address is one of the public Internet is asked of the name service",
    "a key is good for 366 days at most": "likewise",
    "must not be blank": "which characters can be seen is a matter of Unicode's categories",
    "must be at most 64 characters": "a SKU is measured in NFC",
    "too; send one of the two": "which filters exclude each other is said in words",
    "placed_from is later than placed_to": "which of two times is the earlier one is not in a schema",
    "is no actor; it is a role and a subject": "roles are words of one string",
    "no event has the topic": "topics are in docs/events.md, and may be more",
    "name an order or a customer, not both": "which filters exclude each other is said in words",
    "an amount is more than zero": "amounts are texts, so that no client rounds them",
    "minor digits of": "how many a currency has is not in the document",
    "by minute a report covers the last hour": "likewise",
    "changed_since is of one customer": "which filter needs another is said in words",
    "a price may not be set here": "it is for services that may, and said in words",
    "Commerce-Position is not one of ours": "the tool's bounds of a text leave its pattern out",
    "Last-Event-ID is not one of ours": "likewise",
    "Input should be a valid integer": "JSON Schema takes 1.0 for an integer, and we do not",
    "must be one e-mail address": "both its halves have to be visible",
    "contains control characters": "no path and no query may, whatever the parameter",
}
"""Why a value is rejected that the document allows, and why the document does not say it."""
_AWAITED = ("is behind your Commerce-Position", "are not signed yet")


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Leave out that a stream is a text, which is for clients of OpenAPI 3.1: the tool reads it as 3.2's array.

    Lines, which it does not read so, are described as the list that they are sent from and read into below.
    """
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            for described in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media_type, content in described.get("content", {}).items():
                    if media_type == NDJSON:
                        content["schema"] = {"type": "array", "items": content.pop("itemSchema")}
                        content.pop("example", None)
                    elif "itemSchema" in content:
                        del content["schema"]


@schemathesis.serializer(NDJSON)
def sent_lines(_context: SerializationContext, value: Any) -> bytes:
    """A list as lines; what is to be no list, as one."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in (value if isinstance(value, list) else [value]))


@schemathesis.deserializer(NDJSON)
def answered_lines(_context: DeserializationContext, response: Response) -> list[Any]:
    """The lines of an answer, so that each is compared with what the document says of one."""
    return [json.loads(line) for line in response.content.splitlines()]


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Whether it is a fault; a position, or a signature, that is to come is rightly waited for, and 503 then."""
    if response.status_code == 503 and any(one in response.text for one in _AWAITED):
        return False
    if isinstance(failure, AcceptedNegativeData) and case.path.endswith(":import"):
        # the answer is 200 whatever a line says: the fault is that all were accepted
        statuses = [json.loads(line)["status"] for line in response.text.splitlines()]
        return bool(statuses) and all(status == 200 for status in statuses)
    is_dry_run = (case.query or {}).get("dry_run") in (True, "true")  # it records nothing, and looks at no key
    if isinstance(failure, MissingHeaderNotRejected):
        return not is_dry_run
    if isinstance(failure, AcceptedNegativeData) and is_dry_run and "Idempotency-Key" in failure.message:
        return False
    if not isinstance(failure, RejectedPositiveData):
        return True
    detail = response.json()["detail"]
    return not any(reason in detail for reason in BEYOND_SCHEMAS)
