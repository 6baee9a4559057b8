"""Customers log in, and out again."""

from __future__ import annotations

from api.http.sites import SHOP
from api.pages.doors import SiteDoor

open_routes = SiteDoor(SHOP, "customer", "web/login.html", home=f"{SHOP}/orders").routes
