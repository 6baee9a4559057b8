"""Logging in and out: customers and staff get tokens for their e-mail address and password, and give them back."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import Request, Response

from api.auth import Admitted
from api.context import context_of
from api.http.errors import InvalidScope, InvalidTokenRequest, UnsupportedGrantType, UnsupportedTokenType
from api.http.form_body import Form, FormFields, required
from api.http.idempotency import idempotency_key_of
from api.http.network_address import network_address_of
from api.http.rate_limits import RateLimits
from api.http.resource import Answer, Resource
from api.openapi.headers import REFRESH_KEY
from api.schemas.answers import json_answer
from api.schemas.auth_tokens import (
    EXAMPLE_TOKENS,
    EXAMPLE_USAGE,
    RevocationRequest,
    TokenAnswer,
    TokenRequest,
    TokenRevoked,
    UsageView,
)
from commerce.customers import login_commands
from commerce.customers.login_commands import LoggedInCustomer, Login
from commerce.runtime.scopes import SCOPE_NAMES, both
from commerce.runtime.tokens import Grant
from commerce.staff.accounts import REFRESH_PREFIX
from commerce.staff.login_commands import LoggedInMember, StaffLogin, log_in_member, refresh_member

router = Resource("/api/v1/auth", "auth")

_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_PROBLEMS = (400, 413, 415)
STAFF_LIFETIME_S = 15 * 60
"""Seconds for which an access token of staff is good, if its session does not end before."""


@router.open_command(
    "POST",
    "/token",
    Answer(TokenAnswer, example=EXAMPLE_TOKENS, headers=("Cache-Control",)),
    problems=(*_PROBLEMS, 429),
    reads=(REFRESH_KEY,),
    form=TokenRequest,
)
async def issue_token(fields: Form, request: Request) -> Response:
    """Log in, or stay logged in (RFC 6749, 4.3 and 6).

    An access token is good for an hour, one of staff for 15 minutes. A refresh token is good for one use, and its
    answer has the next one. One that is used twice ends the session, as it was stolen or lost.

    Staff (`account=staff`) send a code of their second factor as `otp`. Where that is missing, the answer to the right
    password is 400 with the error `mfa_required`.
    """
    scopes = _wanted_scopes(fields)
    return await _tokens(request, fields, scopes)


@router.open_command(
    "POST",
    "/revocation",
    Answer(TokenRevoked, example={"status": "revoked"}),
    problems=_PROBLEMS,
    form=RevocationRequest,
)
async def revoke_token(fields: Form, request: Request) -> Response:
    """Log out: no refresh token of this session is accepted any more (RFC 7009).

    A customer's access tokens that were given before are good until their hour ends; those of staff end, too.
    """
    token = required(fields, "token")
    if token.count(".") == 2:
        raise UnsupportedTokenType("this is an access token, which ends by itself; send the refresh token")
    context, request_id = context_of(request), request.scope["request_id"]
    for sessions in (context.accounts.sessions, context.staff.sessions):  # each knows its own tokens
        await sessions.revoke(token, request_id)
    context.staff_sessions.forget()
    return json_answer(TokenRevoked("revoked"))


@router.query("/usage", Answer(UsageView, example=EXAMPLE_USAGE))
async def show_usage(request: Request, caller: Admitted) -> Response:
    """See as whom you ask, until when, what that is good for, and how much of your limits is used up."""
    limits: RateLimits = request.app.state.limits
    scopes = None if caller.scopes is None else sorted(caller.scopes)
    good_until = datetime.fromtimestamp(caller.good_until, UTC)
    usage = await limits.usage(caller.identity)
    return json_answer(UsageView(caller.identity.role, caller.identity.subject, scopes, good_until, usage))


async def _tokens(request: Request, fields: FormFields, scopes: frozenset[str] | None) -> Response:
    accounts, request_id = context_of(request).accounts, request.scope["request_id"]
    key = idempotency_key_of(request) if "idempotency-key" in request.headers else None
    match required(fields, "grant_type"):
        case "password":
            email, password = required(fields, "username"), required(fields, "password")
            address = network_address_of(request)
            match fields.get("account", "customer"):
                case "customer":
                    _require_none(scopes)
                    login = Login(email, password, address, request_id)
                    return _customer_answer(request, await login_commands.log_in(accounts, login))
                case "staff":
                    staff_login = StaffLogin(email, password, fields.get("otp"), address, request_id, scopes)
                    logged_in = await log_in_member(context_of(request).staff, staff_login)
                    return _member_answer(request, logged_in, scopes)
                case _:
                    raise InvalidTokenRequest("account is customer or staff")
        case "refresh_token":
            token = required(fields, "refresh_token")
            if token.startswith(REFRESH_PREFIX):
                staff = context_of(request).staff
                return _member_answer(request, await refresh_member(staff, token, key, request_id), scopes)
            _require_none(scopes)
            return _customer_answer(request, await login_commands.refresh(accounts, token, key, request_id))
        case _:
            raise UnsupportedGrantType("grant_type is password or refresh_token")


def _customer_answer(request: Request, customer: LoggedInCustomer) -> Response:
    grant = Grant.of("customer", str(customer.customer_id))
    return _logged_in(request, grant, customer.refresh_token, customer.expires_at)


def _member_answer(request: Request, logged_in: LoggedInMember, scopes: frozenset[str] | None) -> Response:
    """The tokens of a member of staff; one that is asked for more than the account and the session are good for is good
    for that (RFC 6749, 6)."""
    duties = logged_in.member.duties
    grant = Grant.of(
        duties.role,
        str(logged_in.member.id),
        STAFF_LIFETIME_S,
        session_id=logged_in.session_id,
        scopes=both(scopes, both(logged_in.scopes, duties.scopes)),
    )
    return _logged_in(request, grant, logged_in.refresh_token, logged_in.expires_at)


def _wanted_scopes(fields: FormFields) -> frozenset[str] | None:
    """The scopes that a token is to have; None where none are named. Raises `InvalidScope` for one that there is
    not."""
    wanted = frozenset(fields.get("scope", "").split())
    if unknown := sorted(wanted.difference(SCOPE_NAMES)):
        raise InvalidScope(f"there is no scope {unknown[0]}; there are {', '.join(SCOPE_NAMES)}")
    return wanted or None


def _require_none(scopes: frozenset[str] | None) -> None:
    if scopes is not None:
        raise InvalidScope("leave out scope: a customer's tokens have none")


def _logged_in(request: Request, grant: Grant, refresh_token: str, expires_at: datetime) -> Response:
    answer = TokenAnswer(
        access_token=grant.signed(context_of(request).signing),
        token_type="Bearer",
        expires_in=grant.expires - grant.issued,
        refresh_token=refresh_token,
        refresh_expires_at=expires_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        scope=None if grant.scopes is None else " ".join(sorted(grant.scopes)),
    )
    return json_answer(answer, _NOT_KEPT)
