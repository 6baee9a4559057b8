"""A program that has the library reads the log with two lines, in a process that has imported nothing else of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from commerce.audit.state import rebuild_state
from commerce.events import EVENTS, STREAM_KINDS
from commerce.eventstore import Append, EventStore, Metadata
from tests.conftest import Database
from tests.unit.audit.examples import example
from tests.waiting import LIMIT_S

READ = """
from commerce.eventstore.application import CommerceApplication

app = CommerceApplication.connect()
for notification in app.recorder.select_notifications(1, 1000):
    print(type(app.mapper.to_domain_event(notification)).TOPIC, notification.originator_id)
for notification in app.notification_log.select(1, 10):
    app.mapper.to_domain_event(notification)
app.close()
"""
DOCUMENTED = Path(__file__).parents[3] / "docs" / "library.md"


def run(program: str, environment: dict[str, str], folder: Path) -> str:
    """Run a program outside the clone, with nothing in its environment but this, and every warning an error."""
    command = [sys.executable, "-W", "error", "-c", program]
    ended = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        encoding="utf-8",
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return ended.stdout


@pytest.fixture
async def told(store: EventStore) -> list[tuple[str, UUID]]:
    """A log with an event of each topic, each in a stream of its own, in log order."""
    written = []
    for number, (topic, kind) in enumerate(EVENTS.items(), start=1):
        event = example(kind).model_copy(update={"originator_id": UUID(int=number), "originator_version": 1})
        await store.append(Append([event], None, Metadata("service:test")))
        written.append((topic, UUID(int=number)))
    return written


@pytest.mark.parametrize("named_by", ["COMMERCE_DATABASE_URL", "COMMERCE_HOME"])
async def test_two_lines_are_enough_to_decode_every_topic_in_a_process_of_its_own(
    database: Database, told: list[tuple[str, UUID]], tmp_path: Path, named_by: str
) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"database_url": database.app_url}))
    value = database.app_url if named_by == "COMMERCE_DATABASE_URL" else str(tmp_path)
    lines = run(READ, {named_by: value}, tmp_path).splitlines()
    assert lines == [f"{topic} {stream}" for topic, stream in told]


async def test_the_state_of_every_kind_of_aggregate_is_had_by_its_projector_function(
    store: EventStore, database: Database, told: list[tuple[str, UUID]], tmp_path: Path
) -> None:
    streams = dict(told)
    first = {kind.name: str(streams[kind.events[0].TOPIC]) for kind in STREAM_KINDS}
    program = f"""
from commerce.eventstore.application import CommerceApplication

app = CommerceApplication.connect()
from commerce.events import STREAM_KINDS
from uuid import UUID
for kind in STREAM_KINDS:
    state = app.repository.get(UUID({first!r}[kind.name]), projector_func=kind.fold)
    print(kind.name, state.id, state.version, sep=";")
"""
    lines = run(program, {"COMMERCE_DATABASE_URL": database.app_url}, tmp_path).splitlines()
    assert lines == [f"{name};{stream};1" for name, stream in first.items()]
    ours = [await rebuild_state(store, UUID(stream)) for stream in first.values()]
    assert all(found is not None and found.state is not None for found in ours)


async def test_what_the_documentation_shows_runs(
    store: EventStore, database: Database, told: list[tuple[str, UUID]], tmp_path: Path
) -> None:
    programs = [
        block.partition("\n```")[0] for block in DOCUMENTED.read_text(encoding="utf-8").split("```python\n")[1:]
    ]
    assert programs
    order = dict(told)["ordering.OrderPlaced"]
    for program in programs:
        shown = run(program.replace("ORDER_ID", str(order)), {"COMMERCE_DATABASE_URL": database.app_url}, tmp_path)
        assert shown
