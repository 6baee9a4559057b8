"""Customers log in, and out again."""

from __future__ import annotations

from api.console.doors import SiteDoor
from api.http.sites import SHOP

open_routes = SiteDoor(SHOP, "customer", "web/login.html", home=f"{SHOP}/orders").routes
