"""What a party answers as its reason is recorded where it is a word, and not where it may tell of people."""

from __future__ import annotations

import pytest

from commerce.outside.errors import PartyUnavailable, RequestRejected
from commerce.payments.ports import Declined
from workers.gateways.http_caller import HttpCaller, Reply
from workers.gateways.http_provider_answers import payment_rejection
from workers.gateways.party_text import code

SENTENCES = ["no parcels to Ada Lovelace, 12 Engine Row", "ada@example.com", "Müller", "", "a" * 65, "two words"]


@pytest.mark.parametrize("said", ["insufficient_funds", "51", "card.expired", "E-1001", "do:not-honor"])
def test_a_word_is_kept(said: str) -> None:
    assert code(said, "declined") == said


@pytest.mark.parametrize("said", [*SENTENCES, None, 7, ["insufficient_funds"]])
def test_anything_else_is_not(said: object) -> None:
    assert code(said, "declined") == "declined"


@pytest.mark.parametrize("said", SENTENCES)
def test_neither_a_decline_nor_a_rejected_request_quotes_a_sentence(said: str) -> None:
    declined = payment_rejection({"code": said, "detail": said}, 402)
    assert isinstance(declined, Declined)
    assert declined.reason == "declined"
    rejected = HttpCaller("http://carrier", PartyUnavailable).problem_without_code(
        Reply(422, {"code": said, "detail": said})
    )
    assert isinstance(rejected, RequestRejected)
    assert rejected.code == "http_422"
