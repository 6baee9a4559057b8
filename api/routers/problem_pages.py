"""The pages that the `type` of each problem leads to: what it means, made from the table of problems."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template

from fastapi import APIRouter, Response

from api.http.error_statuses import PAGES, ProblemType, problem_types
from commerce.values.errors import existing

router = APIRouter(include_in_schema=False)

_TEMPLATE = files("api.openapi") / "docs_page" / "problem.html"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@router.get(PAGES)
async def list_problems() -> Response:
    """List every type of problem, by status."""
    items = (
        f'<li><a href="{escape(one.name)}">{escape(_short(one))}</a> ({one.status}): {escape(one.meaning)}</li>'
        for one in problem_types()
    )
    return _page("Problems", f"<ul>{''.join(items)}</ul>")


@router.get(f"{PAGES}/{{name}}")
async def show_problem(name: str) -> Response:
    """Say what a type of problem means. Raises `NotFound`."""
    known = {_short(one): one for one in problem_types()}
    one = existing(known.get(name), f"there is no type of problem with this name; {PAGES} lists them")
    paragraphs = [f"HTTP status {one.status}: {one.title}.", one.explanation, *_advice(one.status)]
    text = "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
    return _page(name, f'{text}<p><a href="{PAGES}">All problems</a></p>')


def _short(problem: ProblemType) -> str:
    return problem.name.rpartition("/")[2]


def _advice(status: int) -> Iterable[str]:
    """What holds of every problem of a status."""
    yield "The answer's detail says what to do, and errors names the fields that are meant."
    if status in (408, 429, 503):
        yield "Send the request again after Retry-After seconds, with the same Idempotency-Key."
    if status in (409, 412):
        yield "version is the present version of what was to be changed, and actions what may be done with it now."


def _page(title: str, content: str) -> Response:
    page = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(title=escape(title), content=content)
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=3600"}
    return Response(page, 200, headers, "text/html; charset=utf-8")
