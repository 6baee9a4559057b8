"""A customer's e-mail address is replaced by another one, which a mail there confirms: then the former is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from commerce.credentials.guesses import CredentialsNotAccepted
from commerce.credentials.mail_tokens import MailTokenNotAccepted, new_request
from commerce.customers import customer as customers
from commerce.customers import email_claim
from commerce.customers.accounts import Accounts
from commerce.customers.commands import customer_with, load_customer
from commerce.customers.customer import Customer
from commerce.customers.email_claim import EmailTaken
from commerce.customers.login_commands import Login, verify_password
from commerce.customers.mail_request import CONFIRMATION_LIFETIME_S
from commerce.eventstore import Accepted, Event, Metadata, StreamDecision, handle_command
from commerce.values.errors import InvalidInput, StaleVersion, existing


@dataclass(frozen=True, slots=True)
class EmailChange:
    """The e-mail address that a customer wants, their password, and where they come from."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    network_address: str


async def request_email_change(
    accounts: Accounts, customer_id: UUID, change: EmailChange, metadata: Metadata
) -> Accepted:
    """Ask for a mail to another address, by which it becomes the customer's; the address is claimed only then.

    A wrong password counts as a refused login. Raises `InvalidInput`, naming the field, `EmailTaken`, `NotFound`,
    `CustomerNotActive`, `StaleVersion` where the password is another one by now, `TooManyLogins`, `MissingKey`.
    """
    store = accounts.store
    customer = await load_customer(store, customer_id)
    customers.require_active(customer)
    login = Login(await store.keys.open(customer.email), change.password, change.network_address, metadata.request_id)
    try:
        verified = await verify_password(accounts, login)
    except CredentialsNotAccepted:
        raise InvalidInput("this is not the present password", "present_password") from None
    owner = await customer_with(accounts, change.email)
    if owner == customer_id:
        raise InvalidInput("this is your e-mail address already", "email")
    if owner is not None:
        raise EmailTaken
    request = await new_request(store, CONFIRMATION_LIFETIME_S)
    sealed = (await store.keys.of(customer_id)).seal(change.email)

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        present = existing(customers.fold(history), f"there is no customer {customer_id}")
        if present.credential != verified.credential:
            raise StaleVersion("the password was changed meanwhile; send the present one")
        return customers.request_email_change(present, sealed, request)

    return await handle_command(store, StreamDecision(customer_id, decide), metadata, correlation_id=customer_id)


async def confirm_email_change(accounts: Accounts, text: str, request_id: str | None) -> tuple[UUID, Accepted]:
    """Have the address that a mail with this token went to be the customer's, and the former one nobody's: in one
    append, so that no two customers have one address, and none has two.

    Raises `MailTokenNotAccepted`, `EmailTaken` where it became somebody else's meanwhile, `MissingKey`.
    """
    store = accounts.store
    token = accounts.mail_tokens.change.read(text)
    now, _ = await store.read_ends((), 1)
    present = _known([one.event for one in await store.read_stream(token.stream)])
    wanted = customers.wanted_email(present, token.request_id, now)
    new, former = await store.keys.open_all((wanted, present.email))

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        return customers.change_email(_known(history), token.request_id, now)

    accepted = await handle_command(
        store,
        StreamDecision(token.stream, decide),
        Metadata(f"customer:{token.stream}", request_id),
        alongside=[
            StreamDecision(accounts.addresses.claim(new), lambda history: email_claim.claim(history, token.stream)),
            StreamDecision(
                accounts.addresses.claim(former), lambda history: email_claim.release(history, token.stream)
            ),
        ],
        correlation_id=token.stream,
    )
    return token.stream, accepted


def _known(history: Sequence[Event]) -> Customer:
    customer = customers.fold(history)
    if customer is None:
        raise MailTokenNotAccepted
    return customer
