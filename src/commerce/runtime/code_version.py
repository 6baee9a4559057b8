"""Which code a process runs: the release, and a hash of the sources, by which two processes of one release can be
told apart."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_PACKAGES = ("src/commerce", "projections", "workers", "api")

METRIC = "commerce_build"
"""The metric in which every process says its own; Prometheus appends `_info`."""


@cache
def code_version() -> str:
    """Such as `0.1.0+3f0e4c6e`: of the sources as they are when this is first called, so call it at the start."""
    digest = hashlib.sha256()
    for path in sorted(path for package in _PACKAGES for path in (_ROOT / package).rglob("*.py")):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{_release()}+{digest.hexdigest()[:8]}"


def _release() -> str:
    try:
        return version("commerce")
    except PackageNotFoundError:  # run from a clone that nobody installed
        return "0"
