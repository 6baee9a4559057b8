"""Logging in to the console, and out again."""

from __future__ import annotations

from api.console.doors import SiteDoor
from api.http.sites import CONSOLE

open_routes = SiteDoor(CONSOLE, "staff", "login.html", home=CONSOLE, takes_tokens=True).routes
