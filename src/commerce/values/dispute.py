"""How a dispute stands: a customer has the bank take back what they paid, and the shop may answer."""

from __future__ import annotations

from typing import Literal

DisputeOutcome = Literal["won", "lost", "withdrawn"]
"""How it ended, in the provider's word: for the shop, for the customer, or because it was taken back."""

DisputeStatus = Literal["open"] | DisputeOutcome
