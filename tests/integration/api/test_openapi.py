"""The OpenAPI document says what the API takes and answers."""

from __future__ import annotations

from typing import Any

import pytest

from api.app import create_app
from commerce.settings import Settings
from tests.integration.api.conftest import Shop

WITHOUT_TOKEN = {"/health/live", "/health/ready", "/metrics"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document."""
    return create_app(Settings()).openapi()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation with its path and method."""
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_is_described_tagged_and_secured(document: dict[str, Any]) -> None:
    assert not [name for name in document["components"]["schemas"] if "__" in name]
    known = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        assert operation["description"].endswith((".", ":")), (path, method)
        assert set(operation["tags"]) <= known, (path, method)
        assert ("security" in operation) is (path not in WITHOUT_TOKEN), (path, method)
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_request_and_every_answer_has_an_example(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        answers = [(status, answer) for status, answer in operation["responses"].items()]
        contents = [content for _, answer in answers for content in answer["content"].values()]
        contents += operation.get("requestBody", {}).get("content", {}).values()
        for content in contents:
            name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            schema = document["components"]["schemas"].get(name, {})
            assert "example" in content or "examples" in schema, (path, method, content)


def test_every_operation_with_a_token_declares_its_problems(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if path in WITHOUT_TOKEN:
            continue
        assert {"401", "403", "422", "503"} <= set(operation["responses"]), (path, method)
        for status, answer in operation["responses"].items():
            kinds = set(answer["content"])
            assert kinds == ({"application/problem+json"} if int(status) >= 400 else {"application/json"})


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def check(part: object) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                assert part["$ref"].rpartition("/")[2] in schemas
            for value in part.values():
                check(value)
        elif isinstance(part, list):
            for value in part:
                check(value)

    check(document)


async def test_the_document_and_its_page_need_no_token(shop: Shop) -> None:
    for path in ("/openapi.json", "/docs"):
        assert (await shop.client().get(shop.url + path)).status_code == 200
