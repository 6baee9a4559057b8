"""Reads modules as syntax trees."""

from __future__ import annotations

import ast
import gc
from pathlib import Path


def syntax_of(path: Path) -> ast.Module:
    """The module in a file.

    The garbage collector rests meanwhile: what it finalises in the middle may make CPython 3.11 raise `SystemError`
    ("AST constructor recursion depth mismatch"; CPython's issue 106905).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        if was_on:
            gc.enable()
