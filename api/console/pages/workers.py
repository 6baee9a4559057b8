"""Workers: which processes are alive, what is wrong with them, and how far their work has come."""

from __future__ import annotations

import asyncio

from fastapi import Response

from api.console.api_calls import ApiProblem
from api.console.pages.read_models import progress_of_all
from api.console.routes import Pages
from api.console.view import View

pages = Pages()

_PROCESSES = 100


@pages.page("/workers")
async def list_workers(view: View) -> Response:
    """List the processes, by what they do, and the subscriptions that they run."""
    workers, subscriptions, health = await asyncio.gather(
        view.get("/api/v1/ops/workers", {"limit": _PROCESSES}),
        progress_of_all(view, read_models=False),
        _health(view),
    )
    return view.page(
        "workers.html",
        workers=workers["items"],
        unwell=[one for one in workers["items"] if one["status"] != "ok"],
        subscriptions=subscriptions,
        problems=health,
    )


async def _health(view: View) -> dict[str, str]:
    """What does not work for the API's own process."""
    try:
        await view.get("/health/ready")
    except ApiProblem as problem:
        problems: dict[str, str] = problem.document.get("problems", {})
        return problems
    return {}
