"""What can be paid with, as far as the payment provider has named it."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

from commerce.eventstore import Pool, connection_from
from commerce.values.errors import InvalidInput

_UNKNOWN_FOR_S = 1.0
"""Seconds for which it is taken for granted that the provider names no methods."""

_LISTED_METHODS = 20
"""Methods that an error names."""


async def keep_methods(pool: Pool, methods: Iterable[str] | None) -> None:
    """Make known what the provider names; None where it names nothing, or does not answer. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        await connection.execute(
            """INSERT INTO commerce_payment_methods (methods) VALUES (%s)
               ON CONFLICT (one) DO UPDATE SET methods = excluded.methods
               WHERE commerce_payment_methods.methods IS DISTINCT FROM excluded.methods""",
            [None if methods is None else sorted(methods)],
        )


class PaymentMethods:
    """Checks payment methods from memory, and looks again before one is rejected. The provider itself is never
    asked."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: frozenset[str] | None = None
        self._read_at = -_UNKNOWN_FOR_S

    async def check(self, method: str) -> None:
        """Raises `InvalidInput` for a method that the provider does not know, and `Unavailable`."""
        if self._known is None and monotonic() - self._read_at < _UNKNOWN_FOR_S:
            return
        if self._known is None or method not in self._known:
            self._known, self._read_at = await self._read(), monotonic()
        if self._known is not None and method not in self._known:
            raise InvalidInput(
                f"{method!r} is not known to the payment provider; use {_listed(self._known)}", "payment_method"
            )

    async def _read(self) -> frozenset[str] | None:
        async with connection_from(self._pool) as connection:
            cursor = await connection.execute("SELECT methods FROM commerce_payment_methods")
            row = await cursor.fetchone()
        return None if row is None or row[0] is None else frozenset(row[0])


def _listed(methods: frozenset[str]) -> str:
    told = sorted(methods)[:_LISTED_METHODS]
    more = f", or one of {len(methods) - len(told)} more" if len(methods) > len(told) else ""
    return f"{', '.join(told)}{more}"
