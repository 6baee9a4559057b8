"""What the commands about tampering share: a session with the database, and the key and heads that are kept
outside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from commerce.evidence.head_file import HeadFile
from commerce.evidence.heads import load_public_key, published_key
from commerce.evidence.tree import Connection
from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage, CommerceError, Unavailable, first_line


@asynccontextmanager
async def audit_connection(settings: Settings) -> AsyncIterator[Connection]:
    """A session whose statements may take long. Raises `BadUsage` where there is no database, or one without a tree."""
    address = settings.required("database_url")
    try:
        connection = await psycopg.AsyncConnection.connect(
            address,
            autocommit=True,
            connect_timeout=5,
            application_name="commerce audit",
            options="-c statement_timeout=0",
        )
    except psycopg.Error as error:
        raise BadUsage(f"the database cannot be reached: {first_line(error)}") from None
    async with connection:
        try:
            yield connection
        except psycopg.errors.UndefinedTable:
            raise BadUsage("the database has no tree of the log yet; run `commerce migrate` first") from None
        except psycopg.OperationalError as error:
            raise Unavailable(f"the database went away: {type(error).__name__}") from None


def public_key(settings: Settings, given: Path | None) -> Ed25519PublicKey:
    """The key that heads must be signed with: the one given, or the running system's own. Raises `BadUsage` for
    none."""
    if given is not None:
        return load_public_key(given)
    if (key := published_key(settings)) is None:
        kept = HeadFile(settings.audit_folder).public_key
        raise CommerceError(f"no tree head was signed yet, as {kept} does not exist; or name the public key with --key")
    return key


def exported_heads(settings: Settings, given: Path | None) -> HeadFile | None:
    """The file of exported heads: the one given, or the system's own, if it has one. Raises `BadUsage` if one is
    missing."""
    if given is not None and not given.is_file():
        raise BadUsage(f"{given} does not exist")
    file = HeadFile(settings.audit_folder) if given is None else HeadFile(given.parent, given.name)
    return file if file.path.exists() else None
