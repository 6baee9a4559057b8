"""`python -m tests.schema`: keeps an example of every event, or version of one, that has none yet."""

from __future__ import annotations

from commerce.events import EVENTS
from tests.schema.kept import keep, path_of
from tests.unit.audit.examples import example

for topic, kind in EVENTS.items():
    if not path_of(topic, kind.class_version).exists():
        print("kept", keep(example(kind)).name)  # noqa: T201 - for whoever asked for it
