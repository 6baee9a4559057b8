"""Who sends a request, what their role allows, and which data is theirs."""

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
from commerce.eventstore import Metadata
from commerce.runtime.tokens import Identity, InvalidToken, Role
from commerce.values.errors import NotFound
from commerce.values.ids import read_id


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of one request, whose role allows it."""

    identity: Identity
    customer_id: UUID | None
    """The customer whose data alone they may see and change; None for roles without that limit."""
    request_id: str

    @property
    def metadata(self) -> Metadata:
        """What the log records about the sender."""
        return Metadata(self.identity.actor, self.request_id)

    def must_own(self, owner: UUID | None, thing: str) -> None:
        """Raises `NotFound` for a thing of somebody else, as if it did not exist."""
        if self.customer_id is not None and owner != self.customer_id:
            raise NotFound(f"there is no {thing}")


class Allow(SecurityBase):
    """The dependency of every endpoint with a token: lets only these roles pass, and returns the caller."""

    model = HTTPBearer(
        bearerFormat="JWT", description="A token of `commerce token`, good for one hour; its role says what it allows."
    )
    scheme_name = "bearer"

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, request: Request) -> Caller:
        """The caller of a request.

        The route asks before it reads the body; the endpoint then gets the same caller. Raises `NotAuthenticated`,
        `InvalidToken`, `NotAllowed`, and `InvalidInput` for query parameters that the route does not know.
        """
        known: Caller | None = request.scope.get("caller")
        if known is None:
            known = request.scope["caller"] = self._caller(request)
        return known

    def _caller(self, request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticated("send the header Authorization: Bearer …, with a token of `commerce token`")
        identity = context_of(request).tokens.identify(token.strip())
        request.scope["actor"] = identity.actor
        if identity.role not in self.roles:
            allowed = ", ".join(sorted(self.roles))
            roles = "role" if len(self.roles) == 1 else "roles"
            raise NotAllowed(f"this is for the {roles} {allowed}; your token's is {identity.role}")
        reject_wrong_query(request.scope)
        return Caller(identity, _customer(identity), request.scope["request_id"])


def _customer(identity: Identity) -> UUID | None:
    if identity.role != "customer":
        return None
    customer_id = read_id(identity.subject)
    if customer_id is None:
        raise InvalidToken("a customer's token names the customer by a UUID; get one with such a subject")
    return customer_id


Anybody = Annotated[Caller, Security(Allow("customer", "operator", "auditor", "service"))]
"""Everybody with a token; customers see their own things only."""
Seller = Annotated[Caller, Security(Allow("customer", "operator", "service"))]
"""Who can place orders and ask for their cancellation; customers for themselves."""
Handler = Annotated[Caller, Security(Allow("operator", "service"))]
"""Who can move stock and shipments."""
Staff = Annotated[Caller, Security(Allow("operator", "auditor", "service"))]
"""Who can see stock and shipments."""
Operator = Annotated[Caller, Security(Allow("operator"))]
Overseer = Annotated[Caller, Security(Allow("operator", "auditor"))]
"""Who can see the whole: figures, lag, what waits."""
