"""`commerce cases`: list what a person has to decide, and decide it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commerce.cli.client.answers import CaseAnswer, PreviewAnswer
from commerce.cli.client.api import Api, open_api
from commerce.cli.client.typed import typed_name
from commerce.cli.log.open_log import typed_order_id
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage

_PATHS = {
    "assign": ("/ops/cases/{}/assignment", "owner"),
    "note": ("/ops/cases/{}/notes", "note"),
    "resolve": ("/ops/processes/{}/resolve", "reason"),
    "retry": ("/ops/processes/{}/retry", "reason"),
    "compensate": ("/ops/processes/{}/compensate", "reason"),
    "skip": ("/ops/processes/{}/skip", "reason"),
}
"""Where each option is asked for, and the field that its text goes into."""
_RESOLUTIONS = ("settled", "refunded_by_hand", "written_off", "false_alarm")


def decide_cases(
    order_id: Annotated[
        str | None, typer.Argument(help="Whose case: the order by its number or its id; without one all are listed.")
    ] = None,
    *,
    assign: Annotated[str | None, typer.Option(help="Give it to somebody; to nobody where the name is empty.")] = None,
    note: Annotated[str | None, typer.Option(help="Note how far you are.")] = None,
    resolve: Annotated[str | None, typer.Option(help="Close it, for this reason.")] = None,
    resolution: Annotated[
        str | None,
        typer.Option("--as", help=f"How it was closed: {', '.join(_RESOLUTIONS)}; the first is the default."),
    ] = None,
    reference: Annotated[str | None, typer.Option(help="Where that stands, such as in the bank's books.")] = None,
    retry: Annotated[str | None, typer.Option(help="Ask once more for what the order waits for; why.")] = None,
    compensate: Annotated[str | None, typer.Option(help="Give the order up and undo what was done; why.")] = None,
    skip: Annotated[str | None, typer.Option(help="Take an undo as done, or end a refund; why.")] = None,
    request: Annotated[str | None, typer.Option(help="Which request, to retry or skip one of several.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be recorded and asked.")] = False,
    by: Annotated[str | None, typer.Option(help="Who does it; your login where it is left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON document on each line.")] = False,
) -> None:
    """List the orders that need a person: what of, the money at risk, since when, whose it is, what may be done.

    With ORDER_ID and one option, do it. Reasons and notes are encrypted like customers' data.
    """
    given = {
        "assign": assign,
        "note": note,
        "resolve": resolve,
        "retry": retry,
        "compensate": compensate,
        "skip": skip,
    }
    done = {name: text for name, text in given.items() if text is not None}
    _require_sense(done, order_id, resolution, reference, request, dry_run=dry_run)
    who, id_ = typed_name(by), None if order_id is None else typed_order_id(order_id)
    if id_ is None or not done:
        asyncio.run(_list(who, id_, as_json=as_json))
        return
    ((action, text),) = done.items()
    path, field = _PATHS[action]
    body: dict[str, object] = {field: None if action == "assign" and text == "" else text}
    if action == "resolve":
        body |= {"resolution": resolution or "settled", "reference": reference}
    if request is not None:
        body |= {"request": request}
    _tell(asyncio.run(_do(who, path.format(id_), body, dry_run=dry_run)), as_json=as_json)


def _require_sense(
    done: Mapping[str, str],
    order_id: str | None,
    resolution: str | None,
    reference: str | None,
    request: str | None,
    *,
    dry_run: bool,
) -> None:
    if len(done) > 1:
        raise BadUsage(f"one thing at a time, not {' and '.join(f'--{name}' for name in done)}")
    if done and order_id is None:
        raise BadUsage("say of which order: commerce cases ORDER_ID …")
    if dry_run and not done.keys() & {"retry", "compensate", "skip"}:
        raise BadUsage("--dry-run goes with --retry, --compensate or --skip")
    if request is not None and not done.keys() & {"retry", "skip"}:
        raise BadUsage("--request goes with --retry or --skip")
    if (resolution, reference) != (None, None) and "resolve" not in done:
        raise BadUsage("--as and --reference go with --resolve")
    if resolution is not None and resolution not in _RESOLUTIONS:
        raise BadUsage(f"--as is one of {', '.join(_RESOLUTIONS)}, not {resolution}")


def _tell(previewed: PreviewAnswer | None, *, as_json: bool) -> None:
    if previewed is None:
        print('{"recorded":true}' if as_json else "recorded")
    elif as_json:
        print(previewed.model_dump_json())
    else:
        print("would be recorded:", *(f"  {one.topic:<28}  {one.text}" for one in previewed.recorded), sep="\n")


async def _do(who: str, path: str, body: Mapping[str, object], *, dry_run: bool) -> PreviewAnswer | None:
    async with open_api(load_settings(), who) as api:
        return await api.decide(path, body, dry_run=dry_run)


async def _list(who: str, order_id: UUID | None, *, as_json: bool) -> None:
    async with open_api(load_settings(), who) as api:
        found = await _wanted(api, order_id)
    if as_json:
        for case in found:
            print(case.model_dump_json())
    elif not found:
        print("nothing waits for a person")
    else:
        _show(found)


async def _wanted(api: Api, order_id: UUID | None) -> list[CaseAnswer]:
    found = await api.cases()
    return found if order_id is None else [case for case in found if case.order_id == order_id]


def _show(found: Sequence[CaseAnswer]) -> None:
    console = Console()
    if not console.is_terminal:
        print(*(line_of_case(case) for case in found), sep="\n")
        return
    table = Table("order", "kind", "at risk", "age", "owner", "what", "may be done", box=None, pad_edge=False)
    for case in found:
        table.add_row(
            str(case.order_id),
            case.kind,
            told_risk(case),
            told_age(case.age_s),
            Text(case.owner or "nobody"),
            Text(_what(case)),
            ", ".join(case.actions),
        )
    console.print(table)


def line_of_case(case: CaseAnswer) -> str:
    """A case on a line, for a pipe."""
    head = f"{case.order_id}  {case.kind:<21}  {told_risk(case):>14}  {told_age(case.age_s):>6}"
    return f"{head}  {case.owner or 'nobody'}  {_what(case)} -> {', '.join(case.actions)}"


def told_risk(case: CaseAnswer) -> str:
    """The money at risk, as far as anybody knows."""
    return "unknown" if case.money_at_risk is None else str(case.money_at_risk)


def _what(case: CaseAnswer) -> str:
    """What it is about, the last note, and what else is open about the order."""
    noted = f" [{case.note}]" if case.note else ""
    further = f" (and {', '.join(one.kind for one in case.further)})" if case.further else ""
    return f"{case.detail}{further}{noted}"


def told_age(seconds: int) -> str:
    """An age in its largest unit."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
