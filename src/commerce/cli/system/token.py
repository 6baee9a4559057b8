"""`commerce token`: a bearer token for the API."""

from __future__ import annotations

from typing import Annotated

import typer

from commerce.audit.token_issue import issue_recorded
from commerce.runtime.scopes import typed_scopes
from commerce.runtime.settings import load_settings
from commerce.runtime.tokens import Role, names_somebody
from commerce.values.errors import BadUsage
from commerce.values.ids import read_id


def token(
    role: Annotated[Role, typer.Option(help="What the token allows.")],
    subject: Annotated[str, typer.Option(help="Whom it names: a customer's id, or any name for the other roles.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it is good for, such as stock:read; give it again for more.")
    ] = None,
) -> None:
    """Print a token that is good for one hour, and nothing else. Who asked for it, and where, is on record."""
    if not names_somebody(subject):
        raise BadUsage("--subject is empty, breaks a line or turns its direction; a token names somebody")
    if role == "customer" and read_id(subject) is None:
        raise BadUsage(f"a customer's subject is the UUID that orders are placed under, and {subject!r} is none")
    scopes = typed_scopes(scope or ())
    if role == "customer" and scopes is not None:
        raise BadUsage("a customer's token has no scopes; leave out --scope")
    print(issue_recorded(load_settings(), role, subject, "token", scopes))
