"""What the API does not do is told in the viewer's language, by the type of the problem and by the field."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import api.app  # noqa: F401 - with it every class of errors is there
from api.http.error_statuses import problem_types
from api.pages.languages import language_of
from api.pages.problem_words import PROBLEM_WORDS, FieldProblem, field_problems, field_words, problem_line
from api.schemas.fields import PATTERNS

GERMAN, ENGLISH = (language_of("", code, None) for code in ("de", "en"))
NOT_OF_PEOPLE = {
    "_not-signed", "amount-changed", "booking-held", "capture-exceeds-authorization", "invalid-scope",
    "invalid-token-request", "money-held", "no-cancellation-pending", "order-placed-before", "payment-not-attempted",
    "payment-not-authorized", "reference-taken", "refund-repeated", "second-capture", "shipment-not-attempted",
    "signature-not-accepted", "unsupported-grant-type", "unsupported-token-type",
}  # fmt: skip
"""What programs alone meet, such as workers, tills and providers."""
NOT_OF_PAGES = {405, 406, 408, 415, 431}
"""Statuses of requests that no page makes."""
REFUND = {
    "type": "/docs/problems/refund-exceeds-capture",
    "title": "The present state of things does not allow this",
    "status": 409,
    "detail": "6.00 EUR can still be given back",
}


def test_every_problem_that_people_meet_has_words() -> None:
    known = {one.name.rpartition("/")[2]: one.status for one in problem_types()}
    assert set(PROBLEM_WORDS) - set(known) == set()
    assert {kind for kind, status in known.items() if status not in NOT_OF_PAGES} - set(PROBLEM_WORDS) == NOT_OF_PEOPLE


def test_a_conflict_is_told_with_what_the_api_says_of_it_and_in_english_that_alone() -> None:
    assert problem_line(REFUND, ENGLISH) == REFUND["detail"]
    assert problem_line(REFUND, GERMAN) == (
        "Es wird nicht mehr zurückgegeben, als eingenommen wurde; schon Verlangtes zählt mit."
        " (6.00 EUR can still be given back)"
    )
    assert problem_line({"detail": "said by a page"}, GERMAN) == "said by a page"
    assert problem_line({**REFUND, "type": "/docs/problems/later", "title": ""}, GERMAN) == REFUND["detail"]


class Body(BaseModel):
    """Values of the kinds that forms have."""

    model_config = ConfigDict(strict=True)

    needed: str
    least: Annotated[int, Field(ge=1)] = 1
    most: Annotated[int, Field(le=9)] = 1
    short: Annotated[str, Field(min_length=2)] = "ab"
    long: Annotated[str, Field(max_length=2)] = "ab"
    whole: int = 1
    text: str = ""
    choice: Literal["a", "b"] = "a"


def test_what_a_form_gets_wrong_has_words_of_its_own() -> None:
    wrong = {"least": 0, "most": 10, "short": "a", "long": "abc", "whole": "x", "text": 1, "choice": "c"}
    with pytest.raises(ValidationError) as raised:
        Body.model_validate(wrong)
    said = [one["msg"] for one in raised.value.errors()]
    assert len(said) == 8
    for message in (*said, *PATTERNS.values()):
        assert field_words(message, GERMAN) != message, message
    assert field_words("Input should be greater than or equal to 1", GERMAN) == "Mindestens 1."


def test_a_field_is_named_as_on_the_form_and_what_has_no_words_stays() -> None:
    errors = [{"field": "quantity", "message": "Field required"}, {"field": "x", "message": "no words for this"}]
    told = field_problems({"errors": errors}, {"quantity": "Pieces"}, GERMAN)
    assert told == [FieldProblem("Stück", "Das wird gebraucht."), FieldProblem("x", "no words for this")]
