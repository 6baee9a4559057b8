"""What orders are found by: keyed hashes of what people type, so that who reads them learns and can guess nothing."""

from __future__ import annotations

import hmac
import re
from uuid import UUID

from commerce.eventstore import KeyRing
from commerce.values.text import normal, one_email, words_of

MOST_NAME_WORDS = 16
"""Words of a name that count; the rest is left out, when an order is placed and when it is looked for."""

_APART = re.compile(r"[\s-]+")


class SearchTerms:
    """Names what orders are found by. The key is for this purpose alone."""

    def __init__(self, keys: KeyRing) -> None:
        self._key = keys.derived("what orders are found by")

    def email(self, address: str) -> UUID:
        """Orders whose mails go to an address."""
        return self._term("email", one_email(address))

    def name(self, name: str) -> list[UUID]:
        """Orders to somebody with these words in their name, in any order: one for each word."""
        return [self._term("name", word) for word in words_of(name)[:MOST_NAME_WORDS]]

    def sku(self, sku: str) -> UUID:
        """Orders with a line of a SKU."""
        return self._term("sku", normal(sku))

    def tracking_number(self, number: str) -> UUID:
        """Orders whose shipment a carrier has under a number; capitals, spaces and hyphens make no difference."""
        return self._term("tracking number", _APART.sub("", normal(number)).upper())

    def _term(self, kind: str, text: str) -> UUID:
        return UUID(bytes=hmac.digest(self._key, f"{kind}\0{text}".encode(), "sha256")[:16])
