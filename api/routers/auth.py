"""Logging in and out: customers get tokens for their e-mail address and password, and give them back."""

from __future__ import annotations

from datetime import UTC

from fastapi import Request, Response

from api.context import context_of
from api.http.errors import InvalidScope, UnsupportedGrantType, UnsupportedTokenType
from api.http.form_body import Form, FormFields, required
from api.http.idempotency import idempotency_key_of
from api.http.network_address import network_address_of
from api.http.resource import Answer, Resource
from api.openapi.headers import REFRESH_KEY
from api.schemas.answers import json_answer
from api.schemas.auth_tokens import EXAMPLE_TOKENS, RevocationRequest, TokenAnswer, TokenRequest, TokenRevoked
from commerce.customers import login_commands
from commerce.customers.login_commands import LoggedInCustomer, Login
from commerce.runtime.tokens import LIFETIME_S, Grant

router = Resource("/api/v1/auth", "auth")

_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_PROBLEMS = (400, 413, 415)


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

    An access token is good for an hour. A refresh token is good for one use, and its answer has the next one. One that
    is used twice ends the session, as it was stolen or lost.
    """
    if fields.get("scope"):
        raise InvalidScope("leave out scope: a customer's tokens have none")
    return _logged_in(request, await _customer(request, fields))


@router.open_command(
    "POST",
    "/revocation",
    Answer(TokenRevoked, example={"status": "revoked"}),
    problems=_PROBLEMS,
    form=RevocationRequest,
)
async def revoke_token(fields: Form, request: Request) -> Response:
    """Log out: no refresh token of this session is accepted any more (RFC 7009).

    Access tokens that were given before are good until their hour ends.
    """
    token = required(fields, "token")
    if token.count(".") == 2:
        raise UnsupportedTokenType("this is an access token, which ends by itself; send the refresh token")
    await context_of(request).accounts.sessions.revoke(token, request.scope["request_id"])
    return json_answer(TokenRevoked("revoked"))


async def _customer(request: Request, fields: FormFields) -> LoggedInCustomer:
    accounts, request_id = context_of(request).accounts, request.scope["request_id"]
    match required(fields, "grant_type"):
        case "password":
            email, password = required(fields, "username"), required(fields, "password")
            login = Login(email, password, network_address_of(request), request_id)
            return await login_commands.log_in(accounts, login)
        case "refresh_token":
            key = idempotency_key_of(request) if "idempotency-key" in request.headers else None
            return await login_commands.refresh(accounts, required(fields, "refresh_token"), key, request_id)
        case _:
            raise UnsupportedGrantType("grant_type is password or refresh_token")


def _logged_in(request: Request, customer: LoggedInCustomer) -> Response:
    grant = Grant.of("customer", str(customer.customer_id))
    answer = TokenAnswer(
        access_token=grant.signed(context_of(request).signing),
        token_type="Bearer",
        expires_in=LIFETIME_S,
        refresh_token=customer.refresh_token,
        refresh_expires_at=customer.expires_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
    return json_answer(answer, _NOT_KEPT)
