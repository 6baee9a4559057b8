"""Read models: whether what pages show is up to date and right, and their rebuild and verification."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Response

from api.pages.actions import PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.view import View
from commerce.values.errors import NotFound

pages = Pages()

_LATE_S = 60.0
"""A read model whose oldest untaken event is older is late."""
_PARTITIONS = 100


@dataclass(frozen=True, slots=True)
class SubscriptionProgress:
    """How far a subscription is: all its partitions together."""

    name: str
    lag: int
    """Events that it has not taken up."""
    is_counted: bool
    """Whether they are so many; if not, at most so many."""
    seconds: float
    """The age of the oldest of them."""
    problem: str | None
    partitions: Sequence[Document]

    @property
    def status(self) -> str:
        """A word for it."""
        if self.problem:
            return "failing"
        return "late" if self.seconds > _LATE_S else "ok"


async def progress_of_all(view: View, *, read_models: bool) -> list[SubscriptionProgress]:
    """Every read model, or every other subscription, by name. Raises `ApiProblem`."""
    found = await view.get("/api/v1/ops/subscriptions", {"limit": _PARTITIONS})
    by_name: dict[str, list[Document]] = {}
    for one in found["items"]:
        if one["is_read_model"] is read_models:
            by_name.setdefault(one["name"], []).append(one)
    return [
        SubscriptionProgress(
            name,
            _lag(partitions),
            all(one["is_counted"] for one in partitions),
            max(one["seconds"] for one in partitions),
            next((one["problem"] for one in partitions if one["problem"]), None),
            partitions,
        )
        for name, partitions in sorted(by_name.items())
    ]


def _lag(partitions: Sequence[Document]) -> int:
    """How many events its partitions have not taken up. Where they are not counted, all share what lies behind the
    hindmost."""
    if all(one["is_counted"] for one in partitions):
        return sum(one["lag"] for one in partitions)
    return max(int(one["head"] - one["position"]) for one in partitions)


@pages.page("/read-models")
async def list_read_models(view: View) -> Response:
    """List them."""
    return view.page("read_models.html", models=await progress_of_all(view, read_models=True))


@pages.page("/read-models/{name}")
async def show_read_model(view: View) -> Response:
    """Show one: how far it is, its last rebuild, and its last verification."""
    name = view.path["name"]
    models, rebuild, verification = await asyncio.gather(
        progress_of_all(view, read_models=True),
        view.find(f"/api/v1/ops/projections/{name}/rebuild"),
        view.find(f"/api/v1/ops/projections/{name}/verification"),
    )
    found = next((model for model in models if model.name == name), None)
    if found is None:
        raise NotFound(f"there is no read model {name}")
    jobs = {"rebuild": rebuild, "verification": verification}
    works = any(job is not None and job["ended_at"] is None for job in jobs.values())
    return view.page("read_model.html", model=found, jobs=jobs, works=works)


async def _preview_rebuild(view: View) -> Preview:
    return Preview(
        [
            view.text(N_("The read model %(name)s is made again from the log.")) % {"name": view.path["name"]},
            view.text(N_("Pages show the present one until the new one is complete; then it takes its place.")),
            view.text(N_("This repairs every row that differs. Nothing is done to the log, and nothing is sent out.")),
        ]
    )


async def _preview_verification(view: View) -> Preview:
    return Preview(
        [
            view.text(N_("Every row of %(name)s is compared with the log, beside the usual work."))
            % {"name": view.path["name"]},
            view.text(N_("Rows that differ are listed; nothing is changed.")),
        ]
    )


async def _preview_end(view: View) -> Preview:
    return Preview([view.text(N_("What is under way is given up; the read model stays as it is."))])


declare_action(
    pages,
    PageAction(
        path="/read-models/{name}/rebuild",
        command="POST /api/v1/ops/projections/{name}/rebuild",
        title=N_("Rebuild the read model"),
        verb=N_("Rebuild it"),
        back="/read-models/{name}",
        done="rebuild",
        preview=_preview_rebuild,
    ),
)
declare_action(
    pages,
    PageAction(
        path="/read-models/{name}/verification",
        command="POST /api/v1/ops/projections/{name}/verification",
        title=N_("Verify the read model"),
        verb=N_("Verify it"),
        back="/read-models/{name}",
        done="verification",
        preview=_preview_verification,
    ),
)
declare_action(
    pages,
    PageAction(
        path="/read-models/{name}/rebuild/end",
        command="DELETE /api/v1/ops/projections/{name}/rebuild",
        title=N_("Give up the rebuild"),
        verb=N_("Give it up"),
        back="/read-models/{name}",
        done="given_up",
        preview=_preview_end,
    ),
)
declare_action(
    pages,
    PageAction(
        path="/read-models/{name}/verification/end",
        command="DELETE /api/v1/ops/projections/{name}/verification",
        title=N_("Give up the verification"),
        verb=N_("Give it up"),
        back="/read-models/{name}",
        done="given_up",
        preview=_preview_end,
    ),
)
