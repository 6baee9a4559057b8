"""The OpenAPI document that `/api/v1` is frozen by, and how it is written: never with what would break a client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from api.app import create_app
from commerce.runtime.settings import Settings
from tests.pages.api_changes import breaking_changes

FROZEN = Path(__file__).parents[2] / "docs" / "openapi.json"


def present_document() -> dict[str, Any]:
    """The document of the code as it is."""
    document: dict[str, Any] = json.loads(json.dumps(create_app(Settings()).openapi()))
    return document


def frozen_document() -> dict[str, Any]:
    """The document that was committed."""
    document: dict[str, Any] = json.loads(FROZEN.read_text(encoding="utf-8"))
    return document


def write_document() -> list[str]:
    """Freeze what was added; writes nothing, and answers what is wrong, where a client would break."""
    present = present_document()
    broken = breaking_changes(frozen_document(), present) if FROZEN.exists() else []
    if not broken:
        FROZEN.write_text(json.dumps(present, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return broken
