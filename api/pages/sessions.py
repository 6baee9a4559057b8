"""Who looks at a site: people log in as they do at the API, and their browser keeps the tokens in cookies.

Cookies are out of reach of scripts (`HttpOnly`), are sent by no page of others (`SameSite=Strict`), and go to that
site alone. A request that comes after the end of an access token gets the next tokens.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from fastapi import Request, Response

from api.auth import identify_sender
from api.context import context_of
from api.http.sites import ACCESS_COOKIE, cookie_of, cookies_of, site_of
from api.pages.api_calls import ApiCalls, ApiProblem, Document
from commerce.credentials.signed_tokens import SignedTokens

REFRESH_COOKIE = "commerce_refresh"
LOGIN_COOKIE = "commerce_login"
_NAMES = (ACCESS_COOKIE, REFRESH_COOKIE, LOGIN_COOKIE)
_TOKEN_PATH = "/api/v1/auth/token"
_SEED_BYTES = 24
Account = Literal["staff", "customer"]
RECENT_LOGIN_S = 15 * 60
"""Who moves money, erases data or changes who may do what logged in no longer ago than this."""


@dataclass(frozen=True, slots=True)
class NewCookies:
    """Cookies that an answer is to set: those of a new session, or of one that goes on."""

    access_token: str
    access_s: int | None
    refresh_token: str | None

    @classmethod
    def of(cls, tokens: Document) -> NewCookies:
        """Those of an answer to a login."""
        return cls(tokens["access_token"], tokens["expires_in"], tokens["refresh_token"])

    def put(self, request: Request, answer: Response) -> None:
        """Set them."""
        _put(request, answer, ACCESS_COOKIE, self.access_token, self.access_s)
        if self.refresh_token is not None:
            _put(request, answer, REFRESH_COOKIE, self.refresh_token, None)


def _put(request: Request, answer: Response, name: str, value: str, lasts_s: int | None) -> None:
    """Set a cookie; without a time it ends with the browser."""
    answer.set_cookie(
        name,
        value,
        max_age=lasts_s,
        path=site_of(request.url.path) or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def is_confused(request: Request) -> bool:
    """Whether the browser has several cookies under one of our names, of which nobody can tell which is ours."""
    return any(len(cookies_of(request.scope, name)) > 1 for name in _NAMES)


def begin_login(request: Request, answer: Response) -> None:
    """Set the cookie of a login: a seed for the tokens of forms, which says when somebody logged in.

    What others have set for all of this host under the names of our cookies is taken out of their way.
    """
    for name in _NAMES:
        if cookies_of(request.scope, name):
            answer.delete_cookie(name, path="/", httponly=True, samesite="strict")
    said = f"{time.time():.0f} {secrets.token_urlsafe(_SEED_BYTES)}".encode()
    _put(request, answer, LOGIN_COOKIE, _signed(request, "logins to sites").write(said), None)


def is_recent(request: Request) -> bool:
    """Whether somebody logged in, in this browser, no longer ago than `RECENT_LOGIN_S`."""
    said = _signed(request, "logins to sites").read(cookie_of(request.scope, LOGIN_COOKIE))
    return said is not None and time.time() - float(said.partition(b" ")[0]) <= RECENT_LOGIN_S


def clear(request: Request, answer: Response) -> None:
    """Take all cookies of a session back."""
    site = site_of(request.url.path) or "/"
    for name in _NAMES:
        answer.delete_cookie(name, path=site, httponly=True, samesite="strict")


async def login_cookies(calls: ApiCalls, account: Account, email: str, password: str, code: str = "") -> NewCookies:
    """Log a member of staff or a customer in. Raises `ApiProblem`."""
    fields = {"grant_type": "password", "account": account, "username": email, "password": password}
    if code:
        fields["otp"] = code
    return NewCookies.of((await calls.send_form(_TOKEN_PATH, fields)).document)


async def token_cookies(request: Request, token: str) -> NewCookies | None:
    """The cookies of a token that somebody has from the command line; None for one that is not valid."""
    if await identify_sender(request.scope, token) is None:
        return None
    return NewCookies(token, None, None)


async def renewed_cookies(request: Request, calls: ApiCalls) -> NewCookies | None:
    """The next tokens of the session that a request has a refresh token of; None where it is over.

    Requests that come at the same time get the same ones, as their key is the same.
    """
    token = cookie_of(request.scope, REFRESH_COOKIE)
    if not token:
        return None
    fields = {"grant_type": "refresh_token", "refresh_token": token}
    try:
        answer = await calls.send_form(_TOKEN_PATH, fields, key=sha256(token.encode()).hexdigest())
    except ApiProblem as problem:
        if problem.status >= 500:
            raise
        return None
    cookies = NewCookies.of(answer.document)
    return cookies if await identify_sender(request.scope, cookies.access_token) is not None else None


async def end_session(request: Request, calls: ApiCalls) -> None:
    """End the session of a request. Raises `ApiProblem`."""
    if token := cookie_of(request.scope, REFRESH_COOKIE):
        await calls.send_form("/api/v1/auth/revocation", {"token": token})


def form_token(request: Request, actor: str) -> str:
    """What a form of somebody has to bring, so that it is one that we gave them, in this browser."""
    return _signed(request, "forms of sites").write(_form_digest(request, actor))


def is_own_form(request: Request, actor: str, token: str) -> bool:
    """Whether a form is one that we gave somebody, in this browser."""
    return _signed(request, "forms of sites").read(token) == _form_digest(request, actor)


def comes_from_elsewhere(request: Request) -> bool:
    """Whether a page of others sent a form here, as far as its browser says so (Fetch Metadata; RFC 6454)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")


def _signed(request: Request, purpose: str) -> SignedTokens:
    return SignedTokens(context_of(request).signing.private_bytes_raw(), purpose, "")


def _form_digest(request: Request, actor: str) -> bytes:
    return sha256(f"{actor}\n{cookie_of(request.scope, LOGIN_COOKIE)}".encode()).digest()
