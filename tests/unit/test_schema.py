"""The shape of every event, and of every read model's rows, is on record: what was stored once loads for ever, and no
shape changes without a new version."""

from __future__ import annotations

from dataclasses import make_dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from eventsourcing.persistence import MapperDeserialisationError, StoredEvent

import projections
from commerce.events import EVENTS
from commerce.eventstore import Event
from commerce.eventstore.codec.mapper import MAPPER
from commerce.values import ids
from commerce.values.value import Value
from projections.engine.projection import Projection
from tests.schema.kept import FOLDER, Kept, fingerprint, keep, path_of, read_kept, read_rows, row_fingerprint
from tests.unit.audit.examples import every_kind, example

STREAM = ids.stock_item_id("anything")
KEPT = [read_kept(path) for path in sorted(FOLDER.glob("*.v*.json"))]


def test_every_event_is_known() -> None:
    assert set(EVENTS.values()) == set(every_kind())


@pytest.mark.parametrize("topic", EVENTS)
def test_every_version_of_every_event_has_a_payload(topic: str) -> None:
    missing = [n for n in range(1, EVENTS[topic].class_version + 1) if not path_of(topic, n).exists()]
    assert missing == [], "add an example with `make events`"


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: f"{kept.topic}.v{kept.class_version}")
def test_every_kept_payload_loads(kept: Kept) -> None:
    event = MAPPER.to_domain_event(StoredEvent(STREAM, 7, kept.topic, kept.state))
    assert isinstance(event, EVENTS[kept.topic])
    if kept.class_version == event.class_version:
        assert MAPPER.to_stored_event(event).state == kept.state


@pytest.mark.parametrize("topic", EVENTS)
def test_no_shape_changes_without_a_new_class_version(topic: str) -> None:
    kind = EVENTS[topic]
    kept = read_kept(path_of(topic, kind.class_version)).fingerprint
    assert fingerprint(kind) == kept, (
        "raise its class_version, add upcast_vN_vM, and keep an example with `make events`"
    )


@pytest.mark.parametrize("projection", projections.ALL, ids=lambda projection: projection.name)
def test_no_row_changes_without_a_new_version_of_its_read_model(projection: Projection[Any]) -> None:
    kept = read_rows().get(f"{projection.name}.v{projection.version}")
    assert kept is not None, "keep the shape of its rows with `make events`"
    assert row_fingerprint(projection) == kept, "raise the projection's version, then `make events`"


def test_a_renamed_field_inside_a_stored_row_is_another_shape() -> None:
    orders = projections.projection_of("orders")

    one, other = (make_dataclass("State", [(name, str)]) for name in ("refused", "rejected"))
    rows = (make_dataclass("Row", [("state", state)]) for state in (one, other))
    assert len({row_fingerprint(replace(orders, row=row)) for row in rows}) == 2


def test_a_payload_is_never_replaced(tmp_path: Path) -> None:
    event = example(EVENTS["ordering.OrderPlaced"])
    keep(event, tmp_path)
    with pytest.raises(FileExistsError):
        keep(event, tmp_path)


def test_a_fingerprint_is_of_the_shape_alone() -> None:
    class Part(Value):
        size: int

    class One(Event):
        """One text."""

        description: str
        part: Part

    class Renamed(Value):
        """The same fields under another name."""

        size: int

    class Same(Event):
        """Another text."""

        part: Renamed
        description: str

    class Deeper(Value):
        size: int | None

    class Other(One):
        part: Deeper  # type: ignore[assignment]

    class Without(Event):
        part: Part

    class Optional(One):
        description: str = "said or not"

    assert fingerprint(One) == fingerprint(Same)
    assert len({fingerprint(kind) for kind in (One, Other, Without, Optional)}) == 4


class PartV3(Value):
    """A part, which once was a text and then had a size without a unit."""

    size: int
    unit: str


class Packed(Event):
    """A made-up event of three versions."""

    TOPIC: ClassVar[str] = "tests.Packed"
    class_version: ClassVar[int] = 3

    label: str
    parts: tuple[PartV3, ...]

    @staticmethod
    def upcast_v1_v2(fields: dict[str, object]) -> None:
        """Parts became values of their own."""
        parts = fields["parts"]
        assert isinstance(parts, str)
        fields["parts"] = [{"size": int(part)} for part in parts.split()]

    @staticmethod
    def upcast_v2_v3(fields: dict[str, object]) -> None:
        """A size got a unit, and the name became a label."""
        parts = fields["parts"]
        assert isinstance(parts, list)
        fields["parts"] = [{**part, "unit": "cm"} for part in parts]
        fields["label"] = fields.pop("name")


@pytest.mark.parametrize(
    "state",
    [
        b'{"name":"box","parts":"3 4"}',
        b'{"class_version":2,"name":"box","parts":[{"size":3},{"size":4}]}',
        b'{"class_version":3,"label":"box","parts":[{"size":3,"unit":"cm"},{"size":4,"unit":"cm"}]}',
    ],
)
def test_each_version_is_brought_up_to_the_newest_one(state: bytes) -> None:
    parts = (PartV3(size=3, unit="cm"), PartV3(size=4, unit="cm"))
    event = Packed(originator_id=STREAM, originator_version=1, label="box", parts=parts)
    assert MAPPER.to_domain_event(StoredEvent(STREAM, 1, Packed.TOPIC, state)) == event
    assert MAPPER.to_stored_event(event).state.startswith(b'{"class_version":3,')


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (b'{"class_version":4,"label":"box","parts":[]}', "version 4, .* knows 3"),
        (b'{"name":"box"}', "parts"),
        (b'{"class_version":"2","name":"box","parts":[]}', "class_version"),
        (b"[]", "object"),
    ],
)
def test_what_cannot_be_brought_up_is_not_guessed(state: bytes, reason: str) -> None:
    with pytest.raises(MapperDeserialisationError, match=reason):
        MAPPER.to_domain_event(StoredEvent(STREAM, 1, Packed.TOPIC, state))
