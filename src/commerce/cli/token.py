"""`commerce token`: a bearer token for the API."""

from __future__ import annotations

from typing import Annotated

import typer

from commerce.settings import load_settings
from commerce.tokens import Role, issue_token


def token(
    role: Annotated[Role, typer.Option(help="What the token allows.")],
    subject: Annotated[str, typer.Option(help="Whom it names: a customer's id, or any name for the other roles.")],
) -> None:
    """Print a token that is good for one hour, and nothing else."""
    print(issue_token(load_settings(), role=role, subject=subject))
