"""Who sends a request, and how far the rule of its route lets them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Annotated
from uuid import UUID

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.types import Scope

from api.context import AppContext
from api.http.errors import NotAllowed, NotAuthenticated
from api.http.query_parameters import reject_wrong_query
from api.http.request_checks import RequestHead
from api.http.sites import token_in_cookie
from api.permissions import RIGHTS, Reach, Right, Rule, is_within, scopes_of
from commerce.eventstore import Metadata
from commerce.machines.key_text import PREFIX
from commerce.runtime.scopes import both, goes_beyond
from commerce.runtime.tokens import Identity, InvalidToken
from commerce.values.errors import NotFound
from commerce.values.ids import read_id

SCHEME = "bearer"
"""The name of how tokens come, in the OpenAPI document."""


Recheck = Callable[[], Awaitable[object]]
"""Raises `InvalidToken` for what is not accepted any more, and `Unavailable`."""


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
    scopes: Collection[str] | None = None
    """What their key, token or account is good for; None for all that their role may do."""
    session_id: UUID | None = None
    """The session of a member of staff; None for all others."""
    recheck: Recheck | None = None
    """Asks again whether their key or session is accepted, which somebody may end; None for what ends by itself."""

    @property
    def metadata(self) -> Metadata:
        """What the log records about the sender."""
        return Metadata(self.identity.actor, self.request_id)

    def must_own(self, owner: UUID | None, thing: str) -> None:
        """Raises `NotFound` for a thing of somebody else, as if it did not exist, unless everybody's are in reach."""
        if self.reach is not Reach.ANY and (owner is None or owner != self.customer_id):
            raise NotFound(f"there is no {thing}")

    def must_have(self, wanted: Collection[str] | None) -> None:
        """Raises `NotAllowed` for who would give more than they have themselves; None is all that a role may do."""
        if goes_beyond(wanted, self.scopes):
            raise NotAllowed(f"you can give no more than you have, which is {', '.join(sorted(self.scopes or ()))}")

    def reach_of(self, right: Right) -> Reach:
        """With whose things they may do something within a route."""
        return RIGHTS[right].reach(self.identity.role) if is_within(right, self.scopes) else Reach.NONE


_SENDER = "sender"
"""The key in a request's scope of who sends it, or of why that cannot be said."""


async def sender_of(scope: Scope, head: RequestHead) -> Identity | None:
    """Who sends a request, found out before anything else of it is looked at; None where no valid token or key says so.

    Raises `Unavailable` where a key cannot be looked up.
    """
    scheme, _, token = head.single.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"bearer" or not token:
        token = token_in_cookie(scope)
    return await identify_sender(scope, token.strip().decode("latin-1")) if token else None


async def identify_sender(scope: Scope, token: str) -> Identity | None:
    """Who sends a request with a token; None for a token that is not valid. Raises `Unavailable`."""
    try:
        sender = scope[_SENDER] = await _sender(scope["app"].state.context, token)
    except InvalidToken as error:
        scope[_SENDER] = error
        return None
    return sender.identity


async def admit(request: Request, route: str, rule: Rule) -> Caller:
    """The caller of a request, whom the rule of its route lets in; from now on the request has it.

    Raises `NotAuthenticated`, `InvalidToken`, `NotAllowed`, `Unavailable`, and `InvalidInput` for query parameters that
    the route does not know.
    """
    caller = let_in(request, route, rule)
    reject_wrong_query(request.scope)
    request.scope["caller"] = caller
    return caller


def let_visitor_in(request: Request) -> None:
    """From now on, a request that nobody is known to send is the public's, who may see the catalogue and nothing
    else."""
    visitor = Identity("service", "visitor")
    request.scope[_SENDER] = _Sender(visitor, inf, frozenset({"products:read"}))


def let_in(request: Request, route: str, rule: Rule) -> Caller:
    """The caller of a request, whom a rule lets in. Raises `NotAuthenticated`, `InvalidToken` and `NotAllowed`."""
    sender: _Sender | InvalidToken | None = request.scope.get(_SENDER)
    if sender is None:
        raise NotAuthenticated("send the header Authorization: Bearer …, with a token or an API key")
    if isinstance(sender, InvalidToken):
        raise sender
    identity = sender.identity
    request.scope["actor"] = identity.actor
    customer_id, reach = _customer(identity), rule.reach(identity.role)
    if reach is Reach.NONE:
        roles = "role" if len(rule.roles) == 1 else "roles"
        raise NotAllowed(f"this is for the {roles} {', '.join(rule.roles)}; your token's is {identity.role}")
    if not is_within(route, sender.scopes):
        raise NotAllowed(f"this needs the scope {' or '.join(scopes_of(route))}; what you sent is good for others")
    request_id = request.scope["request_id"]
    return Caller(
        identity, reach, customer_id, request_id, sender.good_until, sender.scopes, sender.session_id, sender.recheck
    )


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who sends a token or an API key, until when they are accepted, and which scopes limit them."""

    identity: Identity
    good_until: float
    scopes: Collection[str] | None = None
    recheck: Recheck | None = None
    session_id: UUID | None = None


async def _sender(context: AppContext, token: str) -> _Sender:
    if not token.startswith(PREFIX):
        external = context.external_tokens
        if external is not None and external.are_of(token):
            accepted = await external.accept(token)
        else:
            accepted = context.tokens.accept(token)
        if accepted.session_id is None:
            return _Sender(accepted.identity, accepted.good_until, accepted.scopes)
        recheck = partial(context.staff_sessions.check, accepted.session_id)
        member = await recheck()
        identity = Identity(member.duties.role, str(member.id))
        return _Sender(
            identity, accepted.good_until, both(accepted.scopes, member.duties.scopes), recheck, accepted.session_id
        )
    check = partial(context.api_keys.check, token)
    key = await check()
    return _Sender(Identity("service", key.service), key.good_until.timestamp(), key.scopes, check)


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
        bearerFormat="JWT",
        description="A token, good for one hour, whose role says what it allows; or the API key of a service (`cmk_…`),"
        " whose scopes do.",
    )
    scheme_name = SCHEME

    async def __call__(self, request: Request) -> Caller:
        caller: Caller = request.scope["caller"]
        return caller


Admitted = Annotated[Caller, Security(_Admitted())]
"""The caller, in an endpoint; `api.permissions` says who that can be."""
