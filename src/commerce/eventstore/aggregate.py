"""What the state of every aggregate has: its stream, and its version there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The state of one stream at one version."""

    id: UUID
    version: int
