"""PostgreSQL and NATS from wheels, for a machine that has neither. They listen on loopback only, and end with the
process that started them."""

from commerce.embedded.nats import EmbeddedNats
from commerce.embedded.postgres import EmbeddedPostgres

__all__ = ["EmbeddedNats", "EmbeddedPostgres"]
