"""`python -m tests.schema`: keeps what is not kept yet: an example of every version of an event, and the shape of the
rows of every version of a read model."""

from __future__ import annotations

import projections
from commerce.events import EVENTS
from tests.schema.kept import keep, keep_rows, path_of
from tests.unit.audit.examples import example

for topic, kind in EVENTS.items():
    if not path_of(topic, kind.class_version).exists():
        print("kept", keep(example(kind)).name)  # noqa: T201 - for whoever asked for it
for row in keep_rows(projections.ALL):
    print("kept the shape of", row)  # noqa: T201
