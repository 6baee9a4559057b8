"""What a part of an event is: a value that never changes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A part of an event: immutable, and of exactly the declared shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")
