"""Logging in, staying logged in, and logging out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

from commerce.customers import customer as customers
from commerce.customers import session as sessions
from commerce.customers.accounts import Accounts
from commerce.customers.customer import Customer
from commerce.customers.email_claim import owner_of
from commerce.customers.events import LoggedIn, LoginRefused, RefusedLogin, SessionEnded, SessionEvent
from commerce.customers.logins import REFUSALS_IN_ALL_ATTEMPTS, TooManyLogins, seconds_to_wait
from commerce.customers.session import LoginSession, RefreshToken
from commerce.eventstore import MOST_TRIES, Append, Metadata, MissingKey, Recorded, in_stream
from commerce.values import ids
from commerce.values.errors import CommerceError, StaleVersion, Unavailable

SOMEBODY = "visitor:unknown"
"""The actor of what somebody did of whom it is not known who they are."""

T = TypeVar("T")

_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
"""The logins of one process with one e-mail address take turns, so that none is tried before the last is counted."""


class CredentialsNotAccepted(CommerceError):
    """The e-mail address and the password are not those of an active customer; which of it is so is not said."""

    def __init__(self) -> None:
        super().__init__("the e-mail address or the password is wrong")


class RefreshTokenNotAccepted(CommerceError):
    """The refresh token is not ours, was used before, or its session is over."""

    def __init__(self) -> None:
        super().__init__("the refresh token is not accepted (any more); log in again")


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody's try to log in, and where they come from."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    network_address: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class LoggedInCustomer:
    """A customer who is logged in, and the refresh token that they stay it with, until `expires_at`."""

    customer_id: UUID
    refresh_token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Door:
    """What is known of an e-mail address when somebody tries to log in with it."""

    claim: UUID
    source: str
    now: datetime
    customer: Customer | None
    logins: int
    refused: int
    """The versions of the streams of logins, and of refused ones."""


async def log_in(accounts: Accounts, login: Login) -> LoggedInCustomer:
    """Let a customer in, and put that on record, or that nobody was let in.

    An address that is nobody's takes the same reads, the same hash and the same append. Raises
    `CredentialsNotAccepted`, `TooManyLogins`, `Unavailable`.
    """

    async def let_in(door: _Door, customer: Customer) -> LoggedInCustomer:
        return await _let_in(accounts, door, customer, login.request_id)

    return await _at_door(accounts, login, let_in)


async def verify_password(accounts: Accounts, login: Login) -> Customer:
    """The active customer whose e-mail address and password these are; what is wrong counts as a refused login.

    Raises what `log_in` raises.
    """

    async def found(_door: _Door, customer: Customer) -> Customer:
        return customer

    return await _at_door(accounts, login, found)


async def _at_door(accounts: Accounts, login: Login, then: Callable[[_Door, Customer], Awaitable[T]]) -> T:
    """What comes of the right password, one try after the other."""
    claim = accounts.addresses.claim(login.email)
    async with _turns.setdefault(claim, asyncio.Lock()):
        for _ in range(MOST_TRIES):
            with suppress(StaleVersion):
                door = await _look(accounts, login, claim)
                refused = await _refusal(accounts, door.customer, login.password)
                if refused is None and door.customer is not None:
                    return await then(door, door.customer)
                await _refuse(accounts, door, refused or "unknown_address", login.request_id)
                raise CredentialsNotAccepted
    raise Unavailable("too many logins with this e-mail address at the same time")


async def _look(accounts: Accounts, login: Login, claim: UUID) -> _Door:
    store, source = accounts.store, accounts.addresses.source(claim, login.network_address)
    streams = ids.logins_id(claim), ids.refused_logins_id(claim), ids.password_resets_id(claim)
    now, ends = await store.read_ends((claim, *streams), REFUSALS_IN_ALL_ATTEMPTS)
    logins, refused, resets = (ends[stream] for stream in streams)
    if seconds := seconds_to_wait(logins, refused, resets, source, now):
        raise TooManyLogins(seconds)
    stream = owner_of(one.event for one in ends[claim]) or ids.nobody_id(claim)
    customer = customers.fold(one.event for one in await store.read_stream(stream))
    return _Door(claim, source, now, customer, _version(logins), _version(refused))


async def _refusal(accounts: Accounts, customer: Customer | None, password: str) -> RefusedLogin | None:
    """Why somebody is not let in; found out by comparing one hash, whatever it is."""
    hashed: str | None = None
    reason: RefusedLogin = "unknown_address"
    if customer is not None:
        try:
            hashed, reason = await accounts.store.keys.open(customer.password), "wrong_password"
        except MissingKey:
            reason = "key_missing"
    if not await accounts.hashes.is_of(password, hashed):
        return reason
    return None if customer is not None and customer.is_active else "deactivated"


async def _refuse(accounts: Accounts, door: _Door, reason: RefusedLogin, request_id: str | None) -> None:
    customer_id = None if door.customer is None else door.customer.id
    event = LoginRefused(customer_id=customer_id, reason=reason, source=door.source)
    events = in_stream([event], ids.refused_logins_id(door.claim), after=door.refused)
    await accounts.store.append(Append(events, customer_id, Metadata(SOMEBODY, request_id)))


async def _let_in(accounts: Accounts, door: _Door, customer: Customer, request_id: str | None) -> LoggedInCustomer:
    session_id, expires_at = uuid4(), door.now + timedelta(seconds=accounts.session_s)
    login = LoggedIn(customer_id=customer.id, session_id=session_id, source=door.source)
    started = sessions.start(customer.id, customer.credential, expires_at)
    events = [
        *in_stream([login], ids.logins_id(door.claim), after=door.logins),
        *in_stream(started, session_id, after=0),
    ]
    unchanged = [(customer.id, customer.version)]
    await accounts.store.append(Append(events, customer.id, _of(customer.id, request_id), unchanged=unchanged))
    token = accounts.refresh_tokens.write(RefreshToken(session_id, 1))
    return LoggedInCustomer(customer.id, token, expires_at)


async def refresh(
    accounts: Accounts, refresh_token: str, idempotency_key: str | None, request_id: str | None
) -> LoggedInCustomer:
    """Replace a refresh token by the next one of its session; the same request again gets the same one.

    Raises `RefreshTokenNotAccepted`, and ends the session where the token was replaced before; `Unavailable`.
    """
    token = accounts.refresh_tokens.read(refresh_token)
    if token is None:
        raise RefreshTokenNotAccepted
    for _ in range(MOST_TRIES):
        with suppress(StaleVersion):
            return await _try_refresh(accounts, token, idempotency_key, request_id)
    raise Unavailable("the session changes too fast")


async def _try_refresh(
    accounts: Accounts, token: RefreshToken, idempotency_key: str | None, request_id: str | None
) -> LoggedInCustomer:
    session = await _live_session(accounts, token)
    if session is None:
        raise RefreshTokenNotAccepted
    request = sessions.request_digest(token, idempotency_key) if idempotency_key else None
    events = sessions.refresh(session, token.generation, request)
    is_reused = any(isinstance(event, SessionEnded) for event in events)
    await _append(accounts, session, events, SOMEBODY if is_reused else None, request_id)
    if is_reused:
        raise RefreshTokenNotAccepted
    following = RefreshToken(session.id, token.generation + 1)
    return LoggedInCustomer(session.customer_id, accounts.refresh_tokens.write(following), session.expires_at)


async def revoke(accounts: Accounts, refresh_token: str, request_id: str | None) -> None:
    """End the session of a refresh token, if there is one (RFC 7009). Raises `Unavailable`."""
    token = accounts.refresh_tokens.read(refresh_token)
    if token is None:
        return None
    for _ in range(MOST_TRIES):
        _, session = await _session(accounts, token.session_id)
        if session is None:
            return None
        with suppress(StaleVersion):
            return await _append(accounts, session, sessions.end(session, "revoked"), None, request_id)
    raise Unavailable("the session changes too fast")


async def _live_session(accounts: Accounts, token: RefreshToken) -> LoginSession | None:
    """The session of a token, unless it is over, by itself or with the password that it began with."""
    now, session = await _session(accounts, token.session_id)
    if session is None or session.ended or session.expires_at <= now:
        return None
    customer = customers.fold(one.event for one in await accounts.store.read_stream(session.customer_id))
    is_live = customer is not None and customer.is_active and customer.credential == session.credential
    return session if is_live else None


async def _session(accounts: Accounts, session_id: UUID) -> tuple[datetime, LoginSession | None]:
    """The database's time, and a session from its first and its last event."""
    first = await accounts.store.read_stream(session_id, until_version=1)
    now, ends = await accounts.store.read_ends([session_id], 1)
    return now, sessions.fold(one.event for one in [*first, *ends[session_id]])


async def _append(
    accounts: Accounts, session: LoginSession, events: list[SessionEvent], actor: str | None, request_id: str | None
) -> None:
    if events:
        placed = in_stream(events, session.id, after=session.version)
        metadata = Metadata(actor, request_id) if actor else _of(session.customer_id, request_id)
        await accounts.store.append(Append(placed, session.customer_id, metadata))


def _of(customer_id: UUID, request_id: str | None) -> Metadata:
    return Metadata(f"customer:{customer_id}", request_id)


def _version(end: list[Recorded]) -> int:
    return end[-1].originator_version if end else 0
