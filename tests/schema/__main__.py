"""`python -m tests.schema`: keeps an example of every fact, or version of one, that has none yet."""

from __future__ import annotations

from commerce.facts import FACTS
from tests.schema.kept import keep, path_of
from tests.unit.audit.examples import example

for topic, kind in FACTS.items():
    if not path_of(topic, kind.class_version).exists():
        print("kept", keep(example(kind)).name)  # noqa: T201 - for whoever asked for it
