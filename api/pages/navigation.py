"""The console's menu: which pages there are, in which order, under which heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.http.sites import CONSOLE
from api.pages.languages import N_


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page in the menu."""

    title: str
    address: str
    group: str


_WORK, _SHOP, _RECORD, _SYSTEM = N_("Work"), N_("Shop"), N_("On record"), N_("System")

MENU: Sequence[MenuEntry] = (
    MenuEntry(N_("Today"), CONSOLE, _WORK),
    MenuEntry(N_("Cases"), f"{CONSOLE}/cases", _WORK),
    MenuEntry(N_("Parked"), f"{CONSOLE}/parked", _WORK),
    MenuEntry(N_("Orders"), f"{CONSOLE}/orders", _WORK),
    MenuEntry(N_("Ship today"), f"{CONSOLE}/shipping", _WORK),
    MenuEntry(N_("Refunds"), f"{CONSOLE}/refunds", _WORK),
    MenuEntry(N_("Stock"), f"{CONSOLE}/stock", _SHOP),
    MenuEntry(N_("Catalogue"), f"{CONSOLE}/catalogue", _SHOP),
    MenuEntry(N_("Customers"), f"{CONSOLE}/customers", _SHOP),
    MenuEntry(N_("Log"), f"{CONSOLE}/log", _RECORD),
    MenuEntry(N_("Who looked"), f"{CONSOLE}/readings", _RECORD),
    MenuEntry(N_("Nothing changed"), f"{CONSOLE}/integrity", _RECORD),
    MenuEntry(N_("Access"), f"{CONSOLE}/access", _SYSTEM),
    MenuEntry(N_("Webhooks"), f"{CONSOLE}/webhooks", _SYSTEM),
    MenuEntry(N_("Read models"), f"{CONSOLE}/read-models", _SYSTEM),
    MenuEntry(N_("Workers"), f"{CONSOLE}/workers", _SYSTEM),
)
"""The menu; who may not see a page does not see its entry."""
