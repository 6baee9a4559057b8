"""`commerce token`: a bearer token for the API."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from commerce.audit.issuing import issue_recorded
from commerce.errors import BadUsage
from commerce.settings import load_settings
from commerce.tokens import Role


def token(
    role: Annotated[Role, typer.Option(help="What the token allows.")],
    subject: Annotated[str, typer.Option(help="Whom it names: a customer's id, or any name for the other roles.")],
) -> None:
    """Print a token that is good for one hour, and nothing else. Who asked for it, and where, is on record."""
    if not subject:
        raise BadUsage("--subject is empty; a token names somebody")
    if role == "customer" and not _is_uuid(subject):
        raise BadUsage(f"a customer's subject is the UUID that orders are placed under, and {subject!r} is none")
    print(issue_recorded(load_settings(), role, subject, "token"))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
