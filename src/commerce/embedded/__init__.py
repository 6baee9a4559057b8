"""PostgreSQL and NATS out of wheels, for a machine that has neither: loopback only, ending with the process that
started them."""

from commerce.embedded.nats import EmbeddedNats
from commerce.embedded.postgres import EmbeddedPostgres

__all__ = ["EmbeddedNats", "EmbeddedPostgres"]
