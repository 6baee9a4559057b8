"""Logging in, staying logged in, and logging out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from commerce.credentials.guesses import (
    REFUSALS_IN_ALL_ATTEMPTS,
    SOMEBODY,
    CredentialsNotAccepted,
    TooManyLogins,
    one_by_one,
    seconds_to_wait,
)
from commerce.credentials.sessions import RefreshToken
from commerce.customers import customer as customers
from commerce.customers.accounts import Accounts
from commerce.customers.customer import Customer
from commerce.customers.email_claim import owner_of
from commerce.customers.events import LoggedIn, LoginRefused, RefusedLogin, SessionStarted
from commerce.customers.logins import reset_times
from commerce.eventstore import Append, Metadata, MissingKey, Recorded, in_stream
from commerce.values import ids

T = TypeVar("T")


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

    async def attempt() -> T:
        door = await _look(accounts, login, claim)
        refused = await _refusal(accounts, door.customer, login.password)
        if refused is None and door.customer is not None:
            return await then(door, door.customer)
        await _refuse(accounts, door, refused or "unknown_address", login.request_id)
        raise CredentialsNotAccepted

    return await one_by_one(claim, attempt)


async def _look(accounts: Accounts, login: Login, claim: UUID) -> _Door:
    store, source = accounts.store, accounts.addresses.source(claim, login.network_address)
    streams = ids.logins_id(claim), ids.refused_logins_id(claim), ids.password_resets_id(claim)
    now, ends = await store.read_ends((claim, *streams), REFUSALS_IN_ALL_ATTEMPTS)
    logins, refused, resets = (ends[stream] for stream in streams)
    if seconds := seconds_to_wait(logins, refused, reset_times(resets), source, now):
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
    started = SessionStarted(customer_id=customer.id, credential=customer.credential, expires_at=expires_at)
    events = [
        *in_stream([login], ids.logins_id(door.claim), after=door.logins),
        *in_stream([started], session_id, after=0),
    ]
    unchanged, metadata = [(customer.id, customer.version)], Metadata(f"customer:{customer.id}", request_id)
    await accounts.store.append(Append(events, customer.id, metadata, unchanged=unchanged))
    token = accounts.sessions.tokens.write(RefreshToken(session_id, 1))
    return LoggedInCustomer(customer.id, token, expires_at)


async def refresh(
    accounts: Accounts, refresh_token: str, idempotency_key: str | None, request_id: str | None
) -> LoggedInCustomer:
    """Replace a refresh token by the next one of its session. Raises what `Sessions.refresh` raises."""
    refreshed = await accounts.sessions.refresh(refresh_token, idempotency_key, request_id)
    return LoggedInCustomer(refreshed.session.owner, refreshed.refresh_token, refreshed.session.expires_at)


def _version(end: list[Recorded]) -> int:
    return end[-1].originator_version if end else 0
