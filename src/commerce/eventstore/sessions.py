"""What every session of a process with the database has: its process's name, and limits on waits and on silent peers."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict, make_conninfo

LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
    "tcp_user_timeout": "3s",
    "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s",
    "tcp_keepalives_count": "3",
}
"""Settings of PostgreSQL, by which it ends what waits too long, and frees the locks of a client that is gone or frozen."""


def session_address(address: str, application_name: str) -> str:
    """The address with all of this added; options that it has itself come last, and win.

    The limits are the application role's too; but those are lost with a copy or a restored backup. Raises psycopg's
    `ProgrammingError` for an address that cannot be read.
    """
    options = [f"-c {name}={value}" for name, value in LIMITS.items()]
    return make_conninfo(
        address,
        application_name=application_name,
        connect_timeout=5,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
        options=" ".join([*options, str(conninfo_to_dict(address).get("options") or "")]).strip(),
    )
