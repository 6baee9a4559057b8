"""What customers can do with their account: open it, change its profile and password, and close it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from commerce.credentials.guesses import CredentialsNotAccepted
from commerce.credentials.mail_tokens import new_request
from commerce.customers import customer as customers
from commerce.customers import email_claim
from commerce.customers.accounts import Accounts
from commerce.customers.customer import Customer, Profile
from commerce.customers.events import CustomerEvent
from commerce.customers.login_commands import Login, verify_password
from commerce.customers.mail_request import CONFIRMATION_LIFETIME_S
from commerce.eventstore import (
    Accepted,
    Event,
    EventStore,
    Idempotency,
    Metadata,
    PersonKey,
    Sealed,
    SealedSecret,
    StreamDecision,
    handle_command,
)
from commerce.values.errors import InvalidInput, StaleVersion, existing


@dataclass(frozen=True, slots=True)
class PlainProfile:
    """What a customer says of themselves, in plain text; `addresses` is JSON."""

    given_name: str | None = None
    family_name: str | None = None
    phone: str | None = None
    date_of_birth: str | None = None
    addresses: str | None = None

    def sealed(self, key: PersonKey) -> Profile:
        """The same, sealed."""
        return Profile(
            given_name=_sealed(key, self.given_name),
            family_name=_sealed(key, self.family_name),
            phone=_sealed(key, self.phone),
            date_of_birth=_sealed(key, self.date_of_birth),
            addresses=_sealed(key, self.addresses),
        )


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """Who wants an account."""

    customer_id: UUID
    email: str = field(repr=False)
    password: str = field(repr=False)
    profile: PlainProfile = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The password that a customer has, the one that they want, and where they come from."""

    present: str = field(repr=False)
    wanted: str = field(repr=False)
    network_address: str


async def register(
    accounts: Accounts, new: NewCustomer, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Open an account; of several at once with one e-mail address, one is opened.

    Raises `EmailTaken`, `InvalidInput` for a password that may not be chosen, and what `EventStore.append` raises.
    """
    store = accounts.store
    claim = accounts.addresses.claim(new.email)
    email_claim.claim([one.event for one in await store.read_stream(claim)], new.customer_id)  # saves the hash
    hashed = await accounts.hashes.of_new(new.password, new.email)
    key = store.keys.fresh(new.customer_id)
    confirmation = await new_request(store, CONFIRMATION_LIFETIME_S)
    secret = SealedSecret(key.seal(hashed))
    events = customers.register(key.seal(new.email), secret, new.profile.sealed(key), confirmation)
    return await handle_command(
        store,
        StreamDecision(new.customer_id, lambda _: events),
        metadata,
        alongside=[StreamDecision(claim, lambda history: email_claim.claim(history, new.customer_id))],
        correlation_id=new.customer_id,
        idempotency=idempotency,
        keys=key.new,
    )


async def change_profile(
    store: EventStore,
    customer_id: UUID,
    change: Callable[[Profile], Profile],
    metadata: Metadata,
    versions: frozenset[int] | None = None,
) -> Accepted:
    """Have a customer's profile be as `change` makes it of the present one, if they are at one of these versions.

    Raises `NotFound`, `CustomerNotActive`, `StaleVersion`.
    """

    def decide(customer: Customer) -> Sequence[CustomerEvent]:
        return customers.change_profile(customer, change(customer.profile))

    return await _decide(store, customer_id, decide, metadata, versions)


async def change_password(
    accounts: Accounts, customer_id: UUID, change: PasswordChange, metadata: Metadata
) -> Accepted:
    """Have a customer log in with another password from now on; all sessions end.

    A wrong present password counts as a refused login. Raises `InvalidInput`, naming the field, `NotFound`,
    `CustomerNotActive`, `StaleVersion` where the password is another one by now, `TooManyLogins`, `MissingKey`.
    """
    store = accounts.store
    customer = await load_customer(store, customer_id)
    customers.require_active(customer)
    email = await store.keys.open(customer.email)
    try:
        login = Login(email, change.present, change.network_address, metadata.request_id)
        verified = await verify_password(accounts, login)
    except CredentialsNotAccepted:
        raise InvalidInput("this is not the present password", "present_password") from None
    key = await store.keys.of(customer_id)
    secret = SealedSecret(key.seal(await accounts.hashes.of_new(change.wanted, email)))

    def decide(present: Customer) -> Sequence[CustomerEvent]:
        if present.credential != verified.credential:
            raise StaleVersion("the password was changed meanwhile; send the present one")
        return customers.change_password(present, secret)

    return await _decide(store, customer_id, decide, metadata, None)


async def deactivate(
    store: EventStore, customer_id: UUID, metadata: Metadata, versions: frozenset[int] | None = None
) -> Accepted:
    """Close an account, if it is at one of these versions. Raises `NotFound`, `StaleVersion`."""
    return await _decide(store, customer_id, customers.deactivate, metadata, versions)


async def load_customer(store: EventStore, customer_id: UUID) -> Customer:
    """A customer as they are now. Raises `NotFound`."""
    return _found(customer_id, [one.event for one in (await store.read_together([customer_id]))[customer_id]])


async def customer_with(accounts: Accounts, email: str) -> UUID | None:
    """Whose an e-mail address is; None where it is nobody's."""
    claimed = await accounts.store.read_stream(accounts.addresses.claim(email))
    return email_claim.owner_of(one.event for one in claimed)


async def _decide(
    store: EventStore,
    customer_id: UUID,
    decide: Callable[[Customer], Sequence[CustomerEvent]],
    metadata: Metadata,
    versions: frozenset[int] | None,
) -> Accepted:
    def decided(history: Sequence[Event]) -> Sequence[Event]:
        customer = _found(customer_id, history)
        if versions is not None and customer.version not in versions:
            raise StaleVersion(f"customer {customer_id} is at version {customer.version}; read it again")
        return decide(customer)

    return await handle_command(store, StreamDecision(customer_id, decided), metadata, correlation_id=customer_id)


def _found(customer_id: UUID, history: Sequence[Event]) -> Customer:
    return existing(customers.fold(history), f"there is no customer {customer_id}")


def _sealed(key: PersonKey, text: str | None) -> Sealed | None:
    return None if text is None else key.seal(text)
