"""Who sends a request, and how far the rule of its route lets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from api.context import context_of
from api.http.errors import NotAllowed, NotAuthenticated
from api.http.query_parameters import reject_wrong_query
from api.permissions import RIGHTS, Reach, Right, Rule
from commerce.eventstore import Metadata
from commerce.runtime.tokens import Identity, InvalidToken
from commerce.values.errors import NotFound
from commerce.values.ids import read_id

SCHEME = "bearer"
"""The name of how tokens come, in the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of one request, whom the rule of its route lets in."""

    identity: Identity
    reach: Reach
    """With whose things they may do what the route does."""
    customer_id: UUID | None
    """The customer who they are; None for all other roles."""
    request_id: str
    good_until: float
    """When what they identify themselves by ends, in seconds since 1970."""

    @property
    def metadata(self) -> Metadata:
        """What the log records about the sender."""
        return Metadata(self.identity.actor, self.request_id)

    def must_own(self, owner: UUID | None, thing: str) -> None:
        """Raises `NotFound` for a thing of somebody else, as if it did not exist, unless everybody's are in reach."""
        if self.reach is not Reach.ANY and (owner is None or owner != self.customer_id):
            raise NotFound(f"there is no {thing}")

    def reach_of(self, right: Right) -> Reach:
        """With whose things they may do something within a route."""
        return RIGHTS[right].reach(self.identity.role)


def admit(request: Request, rule: Rule) -> Caller:
    """The caller of a request, whom the rule of its route lets in; from now on the request has it.

    Raises `NotAuthenticated`, `InvalidToken`, `NotAllowed`, and `InvalidInput` for query parameters that the route does
    not know.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated("send the header Authorization: Bearer …, with a token of `commerce token`")
    tokens, token = context_of(request).tokens, token.strip()
    identity = tokens.identify(token)
    request.scope["actor"] = identity.actor
    reach = rule.reach(identity.role)
    if reach is Reach.NONE:
        roles = "role" if len(rule.roles) == 1 else "roles"
        raise NotAllowed(f"this is for the {roles} {', '.join(rule.roles)}; your token's is {identity.role}")
    reject_wrong_query(request.scope)
    request_id, good_until = request.scope["request_id"], tokens.good_until(token)
    caller = Caller(identity, reach, _customer(identity), request_id, good_until)
    request.scope["caller"] = caller
    return caller


def _customer(identity: Identity) -> UUID | None:
    if identity.role != "customer":
        return None
    customer_id = read_id(identity.subject)
    if customer_id is None:
        raise InvalidToken("a customer's token names the customer by a UUID; get one with such a subject")
    return customer_id


class _Admitted(SecurityBase):
    """Hands an endpoint the caller whom its route let in."""

    model = HTTPBearer(
        bearerFormat="JWT", description="A token of `commerce token`, good for one hour; its role says what it allows."
    )
    scheme_name = SCHEME

    async def __call__(self, request: Request) -> Caller:
        caller: Caller = request.scope["caller"]
        return caller


Admitted = Annotated[Caller, Security(_Admitted())]
"""The caller, in an endpoint; `api.permissions` says who that can be."""
