"""Patches modules of another process right after they were imported there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Patch = tuple[str, Callable[[Any], None]]
"""The name of a module, and what is done to it."""


class _Patched(Loader):
    """Loads as the loader of a module does, and patches then."""

    def __init__(self, loader: Loader, patches: Sequence[Callable[[Any], None]]) -> None:
        self._loader = loader
        self._patches = patches

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for patch in self._patches:
            patch(module)


class _Finder(MetaPathFinder):
    def __init__(self, patches: Sequence[Patch]) -> None:
        self._patches = patches

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        own = [patch for name, patch in self._patches if name == fullname]
        if not own:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((each for each in found if each is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Patched(spec.loader, own)
        return spec


def install(patches: Sequence[Patch]) -> None:
    """Apply each patch when its module is imported."""
    sys.meta_path.insert(0, _Finder(patches))
