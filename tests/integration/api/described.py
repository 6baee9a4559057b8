"""The example of a body as the OpenAPI document has it, and how it is sent: as JSON, as a form, or as a line."""

from __future__ import annotations

import json
from typing import Any

from api.http.form_body import FORM
from api.http.resource import NDJSON


def body_example(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """The first example of what an operation takes; None where it takes nothing."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        shape = content.get("itemSchema") or content["schema"]
        return document["components"]["schemas"][shape["$ref"].rpartition("/")[2]]["examples"][0]
    return None


def sent_as(operation: dict[str, Any], body: Any, headers: dict[str, str]) -> dict[str, Any]:
    """What a client is to be called with for a body, and for headers beside it."""
    content = operation.get("requestBody", {}).get("content", {})
    if NDJSON in content:
        return {"content": f"{json.dumps(body)}\n", "headers": {**headers, "Content-Type": NDJSON}}
    return {"data" if FORM in content else "json": body, "headers": headers}
