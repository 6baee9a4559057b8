"""The PostgreSQL that contenders are measured on: the embedded one as shipped, durable, with its own or a slower
commit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from commerce.embedded.passwords import password
from commerce.embedded.postgres import EmbeddedPostgres
from commerce.embedded.postgres_roles import SUPERUSER
from commerce.eventstore import migrate

MASTER_KEY = b"only for benchmarks, 32 bytes..."
LATENCIES = {"natural commit": 0, "commit of 2 ms": 2000}
"""Commit latencies, by the name that a case bears, in microseconds that are added to the disk's own."""


@dataclass(frozen=True)
class Server:
    """A running server whose database `commerce` is migrated and is the template of each contender's own."""

    postgres: EmbeddedPostgres
    home: Path

    def set_commit_latency(self, microseconds: int) -> None:
        """Let each commit take longer by this, as on a slower disk or with a synchronous replica."""
        with closing(self._superuser()) as connection:
            for name, value in (("commit_delay", microseconds), ("commit_siblings", 0)):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
            connection.execute("SELECT pg_reload_conf()")

    @contextmanager
    def database(self, template: str = "commerce") -> Iterator[tuple[str, str]]:
        """A database of a contender's own, migrated unless another template is named: the owner's URL and the
        application's."""
        name = f"bench_{uuid4().hex}"
        with closing(self._superuser()) as connection:
            command = "CREATE DATABASE {} TEMPLATE {} OWNER commerce_owner STRATEGY file_copy"
            connection.execute(sql.SQL(command).format(sql.Identifier(name), sql.Identifier(template)))
            connection.execute("CHECKPOINT")  # so that no round pays for what another one wrote
            try:
                yield _at(self.postgres.admin_url, name), _at(self.postgres.app_url, name)
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def read_into_cache(self, database: str) -> None:
        """Read a database, given by any URL of it, into PostgreSQL's cache as far as it fits, as in a system that
        runs."""
        with closing(self._superuser(database.rpartition("/")[2])) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
            connection.execute(
                "SELECT pg_prewarm(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN "
                "('r', 'i')"
            )

    def _superuser(self, database: str = "postgres") -> psycopg.Connection:
        secret = password(self.home / "keys", f"postgres-{SUPERUSER}")
        place = self.postgres.admin_url.rpartition("@")[2].partition("/")[0]
        return psycopg.connect(f"postgresql://{SUPERUSER}:{secret}@{place}/{database}", autocommit=True)


@contextmanager
def server() -> Iterator[Server]:
    """A server of its own in a temporary folder, gone afterwards. Rejects one that would not keep what it
    acknowledges."""
    with tempfile.TemporaryDirectory(prefix="commerce-bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            migrate(postgres.admin_url, postgres.app_url)
            _require_durable(postgres.admin_url)
            yield Server(postgres, Path(folder).resolve())
        finally:
            postgres.stop()


def _require_durable(url: str) -> None:
    with closing(psycopg.connect(url)) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            if row != ("on",):
                raise RuntimeError(f"{name} is {row}: such figures are worth nothing")


def _at(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"
