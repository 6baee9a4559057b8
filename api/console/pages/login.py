"""Logging in to the console, and out again."""

from __future__ import annotations

from api.http.sites import CONSOLE
from api.pages.doors import SiteDoor

open_routes = SiteDoor(CONSOLE, "staff", "login.html", home=CONSOLE, takes_tokens=True).routes
