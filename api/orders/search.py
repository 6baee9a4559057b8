"""What `GET /orders` is asked for: the fields that a support person looks in, and `q`, which looks in all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from api.context import AppContext
from api.schemas.fields import Email, Name, Reference, Sku
from api.schemas.parameters import ChangedSince, Since, Until
from commerce.audit.search import position_at
from commerce.customers.commands import customer_with
from commerce.eventstore import connection_from
from commerce.ordering.number import number_of, position_of
from commerce.ordering.search_terms import SearchTerms
from commerce.values.errors import InvalidInput
from commerce.values.ids import read_id
from commerce.values.text import words_of
from projections.engine.pages import Condition
from projections.order_search import (
    Places,
    among,
    among_few,
    any_of,
    changed_after,
    of_customer,
    placed_at,
    placed_between,
    with_id,
    with_reference,
    with_terms,
)

_EXAMPLE_NUMBER = number_of(1)


@dataclass(frozen=True, slots=True)
class OrderSearch:
    """What orders are looked for by; all that is given has to fit."""

    q: str | None
    number: str | None
    reference: str | None
    email: str | None
    name: str | None
    sku: str | None
    tracking_number: str | None
    placed_from: Since | None
    placed_to: Until | None
    changed_since: int | None

    def require_sense(self) -> None:
        """Raises `InvalidInput`, naming the field and what to send instead, for what no order can fit."""
        if self.q is not None:
            for field in ("number", "reference", "email", "name", "tracking_number"):
                if getattr(self, field) is not None:
                    raise InvalidInput(f"q looks in {field}, too; send one of the two", field)
        if self.number is not None and position_of(self.number) is None:
            raise InvalidInput(
                f"{self.number!r} is no order's number, which looks like {_EXAMPLE_NUMBER}: a sign is wrong or missing;"
                " q looks for other texts",
                "number",
            )
        if self.name is not None and not words_of(self.name):
            raise InvalidInput("name has no word to look for; send letters or digits", "name")
        if self.placed_from and self.placed_to and self.placed_from > self.placed_to:
            raise InvalidInput("placed_from is later than placed_to; exchange them", "placed_from")

    @property
    def position(self) -> int | None:
        """Where the order with the wanted number was placed."""
        return None if self.number is None else position_of(self.number)

    async def conditions(self, context: AppContext) -> list[Condition]:
        """What the orders that are looked for have in common. Raises `Unavailable`."""
        found = [condition async for condition in self._fitting(context)]
        if self.placed_from is not None or self.placed_to is not None:
            found.append(await self._dates(context))
        if self.changed_since is not None:
            found.append(changed_after(self.changed_since))
        return found

    async def _fitting(self, context: AppContext) -> AsyncIterator[Condition]:
        terms = SearchTerms(context.store.keys)
        if self.q is not None:
            yield among_few(any_of([places async for places in _anywhere(context, terms, self.q)]))
        if (position := self.position) is not None:
            yield among(placed_at(position))
        if self.reference is not None:
            yield among(with_reference(context.references.found_by(self.reference)))
        if self.email is not None:
            yield among_few(any_of([places async for places in _with_email(context, terms, self.email)]))
        if self.name is not None:
            yield among(with_terms(terms.name(self.name)))
        if self.sku is not None:
            yield among(with_terms([terms.sku(self.sku)]))
        if self.tracking_number is not None:
            yield among(with_terms([terms.tracking_number(self.tracking_number)]))

    async def _dates(self, context: AppContext) -> Condition:
        """Orders of some time are those of a stretch of the log, as times never run backwards in it."""
        begin, end = 0, 2**63 - 1
        async with connection_from(context.store.pool) as connection:
            if self.placed_from is not None:
                begin = await position_at(connection, self.placed_from, later=False)
            if self.placed_to is not None:
                end = await position_at(connection, self.placed_to, later=True)
        return placed_between(begin, end)


async def _anywhere(context: AppContext, terms: SearchTerms, text: str) -> AsyncIterator[Places]:
    """What a text can be: a number, an id, a reference, an e-mail address, a tracking number, or words of a name."""
    if (position := position_of(text)) is not None:
        yield placed_at(position)
    if (order_id := read_id(text)) is not None:
        yield with_id(order_id)
    yield with_reference(context.references.found_by(text.strip()))
    yield with_terms([terms.tracking_number(text)])
    if "@" in text:
        async for places in _with_email(context, terms, text.strip()):
            yield places
    elif words := terms.name(text):
        yield with_terms(words)


async def _with_email(context: AppContext, terms: SearchTerms, email: str) -> AsyncIterator[Places]:
    """Orders whose mails go to an address, and those of the customer whose address it is."""
    yield with_terms([terms.email(email)])
    if (customer_id := await customer_with(context.accounts, email)) is not None:
        yield of_customer(customer_id)


async def _order_search(  # noqa: PLR0917 (a parameter for each field)
    q: Annotated[
        Name | None,
        Query(description="A number, id, reference, e-mail address or tracking number, or words of a name."),
    ] = None,
    number: Annotated[Name | None, Query(description="The order's number.", examples=[_EXAMPLE_NUMBER])] = None,
    reference: Annotated[Reference | None, Query(description="The shop's own, exactly.")] = None,
    email: Annotated[
        Email | None, Query(description="Where mails about the order go, or its customer's; capitals do not matter.")
    ] = None,
    name: Annotated[
        Name | None,
        Query(description="Words of the recipient's name, whole, in any order; capitals and accents do not matter."),
    ] = None,
    sku: Annotated[Sku | None, Query(description="A line of the order has it.")] = None,
    tracking_number: Annotated[Name | None, Query(description="The carrier's number of the shipment.")] = None,
    placed_from: Annotated[
        Since | None, Query(description="Placed at this time or later, or on this day in UTC.")
    ] = None,
    placed_to: Annotated[
        Until | None, Query(description="Placed by the end of this time, or of this day in UTC.")
    ] = None,
    changed_since: Annotated[
        ChangedSince | None,
        Query(
            description="Of one customer: something happened to it after this position, which is the header"
            " `Commerce-Position` of the answer before; at first `p1-0`.",
            examples=["p1-0"],
        ),
    ] = None,
) -> OrderSearch:
    search = OrderSearch(q, number, reference, email, name, sku, tracking_number, placed_from, placed_to, changed_since)
    search.require_sense()
    return search


Search = Annotated[OrderSearch, Depends(_order_search)]
"""The parameters that orders are found by."""
