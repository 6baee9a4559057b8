"""Events are told in the language that is wanted most of those that there are, and else in English."""

from __future__ import annotations

import pytest
from fastapi import Request

from api.http.accepted_languages import preferred_languages, told_language


@pytest.mark.parametrize(
    ("accepted", "tags"),
    [
        ("", []),
        ("de", ["de"]),
        ("en;q=0.4, de-AT ; q = 0.9,*;q=0.1", ["de-AT", "en"]),
        ("fr, de;q=0", ["fr"]),
        ("de;q=2, en", ["en"]),
        ("; drop table, en_US, de", ["de"]),
    ],
)
def test_the_most_wanted_comes_first_and_what_cannot_be_read_names_none(accepted: str, tags: list[str]) -> None:
    assert preferred_languages(accepted) == tags


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "en"),
        (["de"], "de"),
        (["de-CH-1996"], "de"),
        (["en-GB,en;q=0.9,de;q=0.8"], "en"),
        (["fr;q=0.9", "de;q=0.2"], "de"),
        (["fr"], "en"),
        (["*"], "en"),
    ],
)
def test_a_request_is_answered_in_what_it_accepts(lines: list[str], code: str) -> None:
    headers = [(b"accept-language", line.encode()) for line in lines]
    assert told_language(Request({"type": "http", "headers": headers})).code == code
