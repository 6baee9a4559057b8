"""The issue of a token: it is on record who asked for it, on which machine, before it is given out."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from commerce.audit.events import AuditEvent, TokenIssued
from commerce.eventstore import Aggregate, Append, Metadata, append_alone, in_stream
from commerce.runtime.os_user import os_user
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import Grant, Role, load_keys
from commerce.values.errors import BadUsage, Unavailable, first_line

_CONNECT_TIMEOUT_S = 5


@dataclass(frozen=True, slots=True)
class IssuedToken(Aggregate):
    """A token that was given out; it never changes."""

    role: str
    subject: str
    expires_at: datetime
    os_user: str
    host: str


def evolve(token: IssuedToken | None, event: AuditEvent) -> IssuedToken | None:
    """Apply one event."""
    if isinstance(event, TokenIssued):
        place = event.originator_id, event.originator_version
        return IssuedToken(*place, event.role, event.subject, event.expires_at, event.os_user, event.host)
    return token


def issue_recorded(
    settings: Settings, role: Role, subject: str, command: str, scopes: tuple[str, ...] | None = None
) -> str:
    """A token, once its issue is on record; `command` is what it is issued for, and `scopes` what it is good for, None
    for all that the role may do.

    Raises `BadUsage` where such tokens are switched off, or it is not known which system it is for, and `Unavailable`
    where the issue cannot be recorded: then there is no token.
    """
    if settings.break_glass_tokens == "off":
        raise BadUsage("COMMERCE_BREAK_GLASS_TOKENS is off, so the command line makes no tokens; use an API key")
    keys = load_keys(settings)
    grant = Grant.of(role, subject, is_break_glass=True, scopes=scopes)
    _record(settings.required("database_url"), _issue_of(grant, command, scopes))
    return grant.signed(keys.signing)


def _issue_of(grant: Grant, command: str, scopes: tuple[str, ...] | None) -> TokenIssued:
    return TokenIssued(
        token_id=grant.token_id,
        role=grant.identity.role,
        subject=grant.identity.subject,
        expires_at=datetime.fromtimestamp(grant.expires, UTC),
        command=command,
        os_user=os_user(),
        host=socket.gethostname(),
        scopes=scopes,
    )


def _record(address: str, issue: TokenIssued) -> None:
    events = in_stream([issue], issue.token_id, after=0)
    command = Append(events, None, Metadata(f"system:{issue.os_user}"))
    try:
        with psycopg.connect(
            address, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S, application_name="commerce token"
        ) as connection:
            append_alone(connection, command)
    except psycopg.errors.UndefinedFunction:
        raise BadUsage("the database has no log yet; run `commerce migrate` first") from None
    except psycopg.Error as error:
        raise Unavailable(f"no token, as its issue cannot be recorded: {first_line(error)}") from None
