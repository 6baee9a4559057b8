"""What the checks may take for known of the party's test system."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """The defaults are what the simulators know."""

    payment_method: str = "pm_card_ok"
    declined_method: str = "pm_card_declined"
    action_method: str = "pm_card_action"
    currency: str = "EUR"
    country: str = "DE"
    unserved_country: str = "AQ"
