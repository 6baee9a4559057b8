"""Checks the servers that an operator names instead of letting `commerce up` start its own."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import psycopg

from commerce.cli.checks.variables import sites
from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage, first_line


def require_reachable(settings: Settings) -> None:
    """Raise `BadUsage`, naming the variable, for a database or broker that was given and does not answer."""
    if settings.database_url is not None:
        _require_database("COMMERCE_DATABASE_URL", settings.database_url)
    if settings.admin_database_url is not None:
        _require_database("COMMERCE_ADMIN_DATABASE_URL", settings.admin_database_url)
    if settings.broker_url is not None:
        _require_broker(settings.broker_url)


def require_sites(settings: Settings) -> None:
    """Raise `BadUsage`, naming the variable, for a provider or carrier whose address is none."""
    for finding in sites(settings):
        raise BadUsage(f"{finding.text}: {finding.remedy}")


def _require_database(variable: str, url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise BadUsage(f"{variable}: the database cannot be reached: {first_line(error)}") from None


def _require_broker(urls: str) -> None:
    reasons = []
    for url in urls.split(","):
        try:
            place = urlsplit(url.strip())
            socket.create_connection((place.hostname or "", place.port or 4222), timeout=5).close()
        except (OSError, ValueError) as error:
            reasons.append(f"{server_place(url)} ({error})")
        else:
            return
    raise BadUsage(f"COMMERCE_BROKER_URL: no NATS server answers at {', '.join(reasons)}")


def server_place(url: str) -> str:
    """Host and port of an address, without the password in it."""
    return urlsplit(url.strip()).netloc.rpartition("@")[2]
