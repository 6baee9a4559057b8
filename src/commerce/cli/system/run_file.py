"""`run.json`: what a running system says of itself, for every other command and for the tests."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_run_file(path: Path, addresses: Mapping[str, str], processes: Sequence[Mapping[str, object]]) -> None:
    """Replace the file in one step, readable by its owner only: it holds the passwords of the embedded servers."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({**addresses, "processes": processes}, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
