"""`commerce refund`: give money back for an order, and list what was given back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from commerce.cli.client.answers import RefundAnswer
from commerce.cli.client.api import Json, open_api
from commerce.cli.client.typed import typed_key, typed_name
from commerce.cli.log.open_log import typed_order_id
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage

_LINE = re.compile(r"([0-9]{1,4}):([0-9]{1,7})")


def refund_order(
    order_id: Annotated[str, typer.Argument(help="Whose money: the order by its number or its id.")],
    *,
    amount: Annotated[str | None, typer.Option(help="How much, in the order's currency, such as 5.00.")] = None,
    line: Annotated[
        list[str] | None, typer.Option(help="Pieces of a line at its price, as LINE:PIECES; the first line is 1.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; it is encrypted like a customer's data.")] = None,
    key: Annotated[
        str | None, typer.Option(help="The idempotency key: with the same one the same refund is made once.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who does it; your login where it is left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON document on each line.")] = False,
) -> None:
    """Give money back for an order, by --amount or by --line; with neither, list its refunds.

    It is done afterwards, up to what was paid; the order and its shipment stay as they are.
    """
    who, id_ = typed_name(by), typed_order_id(order_id)
    if amount is None and not line:
        if reason is not None or key is not None:
            raise BadUsage("say how much: --amount 5.00, or --line 1:2 for two pieces of the first line")
        _show(asyncio.run(_list(who, id_)), as_json=as_json)
        return
    if amount is not None and line:
        raise BadUsage("give back either an --amount or pieces of a --line")
    if not reason:
        raise BadUsage("say why: --reason TEXT")
    lines = [_line(text) for text in line or ()]
    body: Json = {"reason": reason, **({"lines": lines} if lines else {})}
    found = asyncio.run(_refund(who, id_, body, amount, key=typed_key(key)))
    print(found.model_dump_json() if as_json else f"requested: {found.amount} ({found.refund_id})")


def _line(text: str) -> Json:
    found = _LINE.fullmatch(text)
    if found is None:
        raise BadUsage(f"--line is LINE:PIECES, such as 1:2, not {text}")
    return {"line": int(found[1]), "quantity": int(found[2])}


async def _refund(who: str, order_id: UUID, body: Json, amount: str | None, *, key: str) -> RefundAnswer:
    async with open_api(load_settings(), who) as api:
        if amount is not None:
            order = await api.shop.order(order_id)
            body = {**body, "amount": {"amount": amount, "currency": order.total.currency}}
        return await api.refund(order_id, body, key)


async def _list(who: str, order_id: UUID) -> list[RefundAnswer]:
    async with open_api(load_settings(), who) as api:
        return await api.refunds(order_id)


def _show(found: Sequence[RefundAnswer], *, as_json: bool) -> None:
    if as_json:
        print(*(one.model_dump_json() for one in found), sep="\n", end="\n" if found else "")
    elif not found:
        print("nothing was asked to be given back")
    else:
        print(*(line_of_refund(one) for one in found), sep="\n")


def line_of_refund(refund: RefundAnswer) -> str:
    """A refund on a line."""
    status = f"{refund.status}: {refund.failure}" if refund.failure else refund.status
    told = f"{refund.refund_id}  {refund.amount!s:>14}  {status}"
    return f"{told}  {refund.requested_by or ''}  {refund.reason or ''}".rstrip()
