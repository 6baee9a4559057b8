"""No event is stored with a value that a read model cannot store, and one from before that was checked is read
without it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from pydantic_core import from_json

from commerce.eventstore import Event
from commerce.eventstore.codec.mapper import MAPPER, state_of
from commerce.eventstore.codec.storable import LARGEST_KEY_BYTES, LARGEST_TEXT_CHARACTERS, cleaned_payload
from commerce.eventstore.errors import Unstorable
from commerce.values.value import Value


class Tag(Value):
    """A part of it."""

    text: str


class Labelled(Event):
    """Something with values of each kind."""

    TOPIC: ClassVar[str] = "tests.Labelled"
    INDEXED: ClassVar[tuple[str, ...]] = ("sku",)

    sku: str = "A"
    note: str = ""
    tags: tuple[Tag, ...] = ()
    words: dict[str, str] = Field(default_factory=dict)
    number: int = 0
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)


def labelled(**fields: object) -> Labelled:
    return Labelled.model_validate({"originator_id": uuid4(), "originator_version": 1, **fields})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"note": "a\0b"}, "note of tests.Labelled has a NUL"),
        ({"note": "\\\0"}, "note of tests.Labelled has a NUL"),
        ({"tags": [{"text": "ok"}, {"text": "\0"}]}, r"tags\[1\].text of tests.Labelled has a NUL"),
        ({"words": {"a\0": "x"}}, "words.a\ufffd of tests.Labelled has a NUL"),
        ({"number": 2**63}, "number of tests.Labelled is beyond"),
        ({"number": -(2**63) - 1}, "number of tests.Labelled is beyond"),
        ({"note": "x" * (LARGEST_TEXT_CHARACTERS + 1)}, "note of tests.Labelled has 65537 characters"),
        ({"note": "T" * 3_000_000}, "note of tests.Labelled has 3000000 characters"),
        ({"sku": "ü" * (LARGEST_KEY_BYTES // 2 + 1)}, "sku of tests.Labelled has 2002 bytes"),
        ({"at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "at of tests.Labelled is outside the years"),
        ({"at": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2)))}, "at of tests.Labelled is outside"),
    ],
)
def test_a_value_that_no_read_model_could_store_is_rejected_by_its_name(fields: dict[str, object], said: str) -> None:
    with pytest.raises(Unstorable, match=said):
        state_of(labelled(**fields))


def test_half_a_character_is_rejected() -> None:
    half = Labelled.model_construct(originator_id=uuid4(), originator_version=1, note="a\ud800")
    with pytest.raises(Unstorable, match=r"tests\.Labelled has half a character"):
        state_of(half)


@pytest.mark.parametrize(
    "fields",
    [
        {"note": r"\u0000 is what NUL is written as"},
        {"note": "\x1b[31m\n\x7f"},
        {"note": "\U0001f600\ufffd\uffff"},
        {"number": 2**63 - 1},
        {"number": -(2**63)},
        {"note": "x" * LARGEST_TEXT_CHARACTERS},
        {"sku": "x" * LARGEST_KEY_BYTES},
    ],
)
def test_what_can_be_stored_is_stored_and_read_as_it_was(fields: dict[str, object]) -> None:
    event = labelled(**fields)
    assert MAPPER.to_domain_event(MAPPER.to_stored_event(event)) == event


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (rb"a\u0000b", "a\ufffdb"),
        (rb"\\\u0000", "\\\ufffd"),
        (rb"\\u0000", "\\u0000"),
        (rb"\ud800", "\ufffd"),
        (rb"\udc00\ud83d", "\ufffd\ufffd"),
        (rb"\ud83d\ude00", "\U0001f600"),
        (rb"\ud800\ud83d\ude00", "\ufffd\U0001f600"),
    ],
)
def test_an_event_from_before_this_was_checked_is_read_without_what_cannot_be_stored(stored: bytes, read: str) -> None:
    found = MAPPER.to_domain_event(StoredEvent(uuid4(), 1, Labelled.TOPIC, b'{"note":"%b"}' % stored))
    assert isinstance(found, Labelled)
    assert found.note == read


@given(st.text(alphabet=st.sampled_from('\0\\u0dD8c\ud800\udc00\U0001f600x"')))
def test_cleaning_leaves_only_text_and_changes_nothing_else(text: str) -> None:
    (read,) = from_json(cleaned_payload(json.dumps([text]).encode()))
    assert "\0" not in read
    read.encode()
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
    assert read.replace("\ufffd", "") == whole.replace("\ufffd", "")
