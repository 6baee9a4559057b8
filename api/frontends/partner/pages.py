"""Partners log in with an API key, and see what it is good for, until when, and how much of its limits is used up."""

from __future__ import annotations

from fastapi import Response

from api.http.sites import PARTNER
from api.pages.doors import SiteDoor
from api.pages.routes import Pages
from api.pages.view import View

pages = Pages(PARTNER)
open_routes = SiteDoor(PARTNER, "customer", "partner/login.html", home=PARTNER, takes_tokens=True).routes


@pages.page("")
async def show_usage(view: View) -> Response:
    """Show it."""
    return view.page("partner/usage.html", usage=await view.get("/api/v1/auth/usage"))
