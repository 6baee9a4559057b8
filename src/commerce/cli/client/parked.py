"""`commerce parked`: events that no subscription could handle, in groups of one cause, and what to do about them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

import typer

from commerce.cli.client.answers import ParkedDecisionAnswer, ParkedEventAnswer, ParkedGroupAnswer
from commerce.cli.client.api import Api, open_api
from commerce.cli.client.typed import typed_name, typed_object
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage
from commerce.values.text import cleaned

_LONGEST_PAYLOAD_CHARACTERS = 500
"""Characters of a payload that are shown without --json."""


def parked(
    group: Annotated[str | None, typer.Argument(help="A group, as the list names it: its events are listed.")] = None,
    *,
    retry: Annotated[bool, typer.Option("--retry", help="Have the group's events tried again at once.")] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Have them left out, for good.")] = False,
    edit: Annotated[
        str | None,
        typer.Option(help="Have them read with other fields: a JSON merge patch, such as '{\"quantity\": 1}'."),
    ] = None,
    topic: Annotated[str | None, typer.Option(help="With --edit: have them read as another kind of event.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; it is recorded, sealed.")] = None,
    position: Annotated[list[int] | None, typer.Option(help="Only this event of the group; may be repeated.")] = None,
    by: Annotated[str | None, typer.Option(help="Who does it; your login where it is left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, an object a line.")] = False,
) -> int:
    """List parked events in groups of one kind of error at one place in the code; retry, discard or edit a group.

    An event that a subscription cannot handle is parked, and later events of the same order wait behind it; everything
    else goes on.

    Exit code 0: nothing is parked, or what was decided is recorded; 1: something is parked.
    """
    who, action = typed_name(by), _action(retry=retry, discard=discard, edits=edit is not None)
    if action is None:
        if reason is not None or position or topic is not None:
            raise BadUsage("say what is to be done: --retry, --discard or --edit")
        return asyncio.run(_list(who, group, as_json=as_json))
    if group is None or not reason:
        raise BadUsage(f"--{action} needs a group and a --reason")
    body = {"reason": reason, **({"positions": position} if position else {}), **_patch(edit, topic)}
    return asyncio.run(_decide(who, group, action, body, as_json=as_json))


def _action(*, retry: bool, discard: bool, edits: bool) -> str | None:
    chosen = [name for name, is_set in (("retry", retry), ("discard", discard), ("edit", edits)) if is_set]
    if len(chosen) > 1:
        raise BadUsage(f"--{' and --'.join(chosen)} are not possible together")
    return chosen[0] if chosen else None


def _patch(edit: str | None, topic: str | None) -> dict[str, object]:
    if edit is None:
        if topic is not None:
            raise BadUsage("--topic goes with --edit")
        return {}
    return {"payload": typed_object("--edit", edit), **({"topic": topic} if topic is not None else {})}


async def _list(who: str, group: str | None, *, as_json: bool) -> int:
    async with open_api(load_settings(), who) as api:
        if group is None:
            return _show_groups(await api.parked_groups(), as_json=as_json)
        return await _show_events(api, group, as_json=as_json)


def _show_groups(groups: Sequence[ParkedGroupAnswer], *, as_json: bool) -> int:
    for each in groups:
        print(each.model_dump_json() if as_json else _group_in_words(each))
    if not groups and not as_json:
        print("nothing is parked")
    return 1 if groups else 0


def _group_in_words(group: ParkedGroupAnswer) -> str:
    return (
        f"{group.group}  {group.subscription}: {group.error} at {group.place}\n"
        f"    {group.events} events of {group.sequences} sequences, {group.waiting} more wait behind; positions"
        f" {group.first_position} to {group.last_position}, since {group.first_at}, last tried {group.last_at}\n"
        f"    {cleaned(group.problem, _LONGEST_PAYLOAD_CHARACTERS)}"
    )


async def _show_events(api: Api, group: str, *, as_json: bool) -> int:
    async for each in api.parked_events(group):
        print(each.model_dump_json() if as_json else _event_in_words(each))
    return 1


def _event_in_words(event: ParkedEventAnswer) -> str:
    payload = cleaned(json.dumps(event.payload, ensure_ascii=False), _LONGEST_PAYLOAD_CHARACTERS)
    edited = " (corrected)" if event.is_edited else ""
    return (
        f"{event.position}  {event.topic}  {event.sequence}  tried {event.attempts} times, since {event.parked_at}\n"
        f"    {cleaned(event.problem, _LONGEST_PAYLOAD_CHARACTERS)}\n"
        f"    payload{edited}: {payload}"
    )


async def _decide(who: str, group: str, action: str, body: dict[str, object], *, as_json: bool) -> int:
    async with open_api(load_settings(), who) as api:
        decided = await api.decide_parked(group, action, body)
    print(decided.model_dump_json() if as_json else _decided_in_words(action, decided))
    return 0


def _decided_in_words(action: str, decided: ParkedDecisionAnswer) -> str:
    what = {"retry": "will be tried again", "discard": "will be left out", "edit": "will be read as corrected"}[action]
    return f"{len(decided.positions)} events {what} by {decided.subscription}; recorded at position {decided.position}"
