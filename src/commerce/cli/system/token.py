"""`commerce token`: a bearer token for the API."""

from __future__ import annotations

from typing import Annotated

import typer

from commerce.audit.token_issue import issue_recorded
from commerce.runtime.settings import load_settings
from commerce.runtime.tokens import Role, names_somebody
from commerce.values.errors import BadUsage
from commerce.values.ids import read_id


def token(
    role: Annotated[Role, typer.Option(help="What the token allows.")],
    subject: Annotated[str, typer.Option(help="Whom it names: a customer's id, or any name for the other roles.")],
) -> None:
    """Print a token that is good for one hour, and nothing else. Who asked for it, and where, is on record."""
    if not names_somebody(subject):
        raise BadUsage("--subject is empty, breaks a line or turns its direction; a token names somebody")
    if role == "customer" and read_id(subject) is None:
        raise BadUsage(f"a customer's subject is the UUID that orders are placed under, and {subject!r} is none")
    print(issue_recorded(load_settings(), role, subject, "token"))
