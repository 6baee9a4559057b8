"""The log as an application of the `eventsourcing` library, so that any tool written for the library reads it."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.utils import EnvType
from psycopg.conninfo import conninfo_to_dict

from commerce.values.errors import BadUsage

_DEFINE_TOPICS = ("commerce.events", "commerce.inventory.snapshots")
"""The modules that know the class of every topic. Named, not imported: they import the contexts, which import
this package."""


class CommerceApplication(Application[UUID]):
    """A plain library application over our tables; reads as the application's role, which may not write with it."""

    name = "commerce"

    def __init__(self, env: EnvType | None = None) -> None:
        """Have the class of every topic at hand, so that whatever stands in the log can be decoded."""
        for module in _DEFINE_TOPICS:
            import_module(module)
        super().__init__(env)

    @classmethod
    def connect(cls, address: str | None = None) -> CommerceApplication:
        """Open the log of the running system, or the one at a PostgreSQL address. Raises `BadUsage` where there
        is none."""
        from commerce.runtime.settings import load_settings  # noqa: PLC0415 - only needed without an address

        parts = conninfo_to_dict(address or load_settings().required("database_url"))
        if not parts.get("dbname") or not parts.get("user"):
            raise BadUsage("the database's address names no database or no user")
        return cls(
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "MAPPER_TOPIC": "commerce.eventstore.codec.mapper:EventMapper",
                "POSTGRES_DBNAME": str(parts["dbname"]),
                "POSTGRES_HOST": str(parts.get("host", "localhost")),
                "POSTGRES_PORT": str(parts.get("port", 5432)),
                "POSTGRES_USER": str(parts["user"]),
                "POSTGRES_PASSWORD": str(parts.get("password", "")),
                "POSTGRES_LOCK_TIMEOUT": "5",
                "CREATE_TABLE": "no",
                "ORIGINATOR_ID_TYPE": "uuid",
            }
        )
