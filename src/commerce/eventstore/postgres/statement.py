"""A statement that is written with others in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement of a subscription's transaction, with its parameters; `%s` placeholders."""

    sql: str
    parameters: Sequence[object] = ()
