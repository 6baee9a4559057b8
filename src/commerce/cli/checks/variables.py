"""The `COMMERCE_…` variables: known, readable, and enough to find a system by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel

from commerce.cli.checks.finding import Finding, ok, problem, warning
from commerce.embedded.nats_users import PERMISSIONS
from commerce.runtime.oidc_settings import oidc_terms
from commerce.runtime.settings import Settings
from commerce.saga.limit_settings import process_limits
from commerce.saga.reconciliation_window import reconciliation_window
from commerce.values.errors import BadUsage

CHECK = "settings"
_PREFIX = "COMMERCE_"
ELSEWHERE = frozenset(
    (
        "COMMERCE_SHOP_CSV",
        "COMMERCE_APP_PASSWORD",
        "COMMERCE_OWNER_PASSWORD",
        "COMMERCE_SIMULATOR_PASSWORD",
        "COMMERCE_NATS_PASSWORD",
        *(f"COMMERCE_NATS_{worker.upper()}_PASSWORD" for worker in PERMISSIONS),
    )
)
"""Variables that the tests and the containers read, and no process does."""


def unknown_variables(environment: Iterable[str]) -> list[Finding]:
    """Variables that nobody reads, each with the one that may be meant."""
    known = {f"{_PREFIX}{name.upper()}" for name in _names(Settings)} | ELSEWHERE
    return [
        warning(CHECK, f"{name} is not a setting, and nobody reads it", _meant(name, known))
        for name in sorted(environment)
        if name.upper().startswith(_PREFIX) and name.upper() not in known
    ]


def _names(settings: type[BaseModel]) -> Iterator[str]:
    """Every setting; one that is made of several is itself one, too."""
    for name, field in settings.model_fields.items():
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from (f"{name}__{part}" for part in _names(field.annotation))


def _meant(name: str, known: Iterable[str]) -> str:
    names = {one.removeprefix(_PREFIX): one for one in known}
    close = get_close_matches(name.upper().removeprefix(_PREFIX), sorted(names), 1)
    return f"is {names[close[0]]} meant?" if close else "remove it"


def addresses(settings: Settings) -> list[Finding]:
    """Whether each address that is known can be one, and those that nothing works without are known."""
    found = [*_databases(settings), *_broker(settings), *sites(settings), *_port(settings), *_limits(settings)]
    for name, consequence in (("database_url", "nothing works"), ("broker_url", "nothing is asked of the outside")):
        if getattr(settings, name) is None:
            text = f"no {name} is known: without it {consequence}"
            found.append(problem(CHECK, text, f"set COMMERCE_{name.upper()}, or start a system with `commerce up`"))
    return found or [ok(CHECK, "every variable is known and can be read")]


def _databases(settings: Settings) -> Iterable[Finding]:
    for name in ("database_url", "admin_database_url"):
        url = getattr(settings, name)
        try:
            user = conninfo_to_dict(url or "").get("user")
        except psycopg.ProgrammingError:
            user = None
        if url and not user:
            yield problem(CHECK, f"COMMERCE_{name.upper()} is no address", "write postgresql://user:password@host/name")


def _broker(settings: Settings) -> Iterable[Finding]:
    if settings.broker_url and not all(_is_address(url, "nats", "tls") for url in settings.broker_url.split(",")):
        yield problem(CHECK, "COMMERCE_BROKER_URL is no address", "write nats://host:port, several comma separated")


def sites(settings: Settings) -> Iterable[Finding]:
    """Addresses of the provider, the carrier and the shop that are none, and a key or a secret of theirs that is not
    taken."""
    for name in ("provider_url", "carrier_url", "stripe_api_base", "webhook_url"):
        url = getattr(settings, name)
        if url and not _is_address(url, "http", "https"):
            yield problem(CHECK, f"COMMERCE_{name.upper()} is no address", "write http://host:port")

    if settings.provider == "stripe":
        try:
            settings.stripe_test_key()
        except BadUsage as error:
            yield problem(CHECK, str(error), "copy a test key from the API keys page of Stripe's dashboard")
    for checked in (settings.checked_return_url, settings.checked_account_url, settings.checked_staff_url):
        try:
            checked()
        except BadUsage as error:
            yield problem(CHECK, str(error), "set that of the shop's own page")
    for listed in (settings.checked_proxies, settings.checked_origins):
        try:
            listed()
        except BadUsage as error:
            yield problem(CHECK, str(error), "separate them by commas, or leave it out")
    try:
        oidc_terms(settings)
    except BadUsage as error:
        yield problem(CHECK, str(error), "see docs/operation.md, An external issuer; or unset COMMERCE_OIDC_ISSUER")
    try:
        settings.checked_webhook_secret()
    except BadUsage as error:
        yield problem(CHECK, str(error), "copy the secret that the provider signs webhooks with")


def _port(settings: Settings) -> Iterable[Finding]:
    if not 0 <= settings.api_port <= 65535:
        yield problem(CHECK, f"COMMERCE_API_PORT is {settings.api_port}", "choose a port from 0 to 65535")


def _limits(settings: Settings) -> Iterable[Finding]:
    try:
        process_limits(settings)
        reconciliation_window(settings)
    except BadUsage as error:
        yield problem(CHECK, str(error), "let each limit fit into the one around it")


def _is_address(url: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(url.strip())
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def same_database(settings: Mapping[str, object]) -> list[Finding]:
    """Whether both addresses lead to one database."""
    names = ("database_url", "admin_database_url")
    if len({place for name in names if (place := _place(str(settings[name] or "")))}) > 1:
        text = "COMMERCE_DATABASE_URL and COMMERCE_ADMIN_DATABASE_URL name different databases"
        return [warning(CHECK, text, "migrations reach the second one only: let both name the same")]
    return []


def _place(url: str) -> tuple[str, ...]:
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return ()
    if not parts.get("dbname"):
        return ()
    return tuple(str(parts.get(name, default)) for name, default in (("host", ""), ("port", 5432), ("dbname", "")))
