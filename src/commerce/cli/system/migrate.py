"""`commerce migrate`: bring the database to the schema of this version."""

from __future__ import annotations

from commerce.eventstore import migrate as apply_migrations
from commerce.runtime.settings import load_settings


def migrate() -> None:
    """Apply the migrations that are missing, as COMMERCE_ADMIN_DATABASE_URL, for the role of COMMERCE_DATABASE_URL."""
    settings = load_settings()
    applied = apply_migrations(settings.required("admin_database_url"), settings.required("database_url"))
    print(applied_line(applied))


def applied_line(applied: list[str]) -> str:
    """What was applied, in plain words."""
    return f"migrations: {', '.join(applied)} applied" if applied else "migrations: nothing to do"
