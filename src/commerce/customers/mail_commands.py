"""What is done by mail: an e-mail address is confirmed, and a forgotten password replaced."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from commerce.credentials.guesses import SOMEBODY
from commerce.credentials.mail_tokens import MailTokenNotAccepted, new_request
from commerce.customers import customer as customers
from commerce.customers import password_reset
from commerce.customers.accounts import Accounts
from commerce.customers.customer import Customer, CustomerStatus
from commerce.customers.email_change import confirm_email_change
from commerce.customers.email_claim import owner_of
from commerce.customers.events import EmailChanged
from commerce.customers.mail_request import CHANGE_PREFIX, CONFIRMATION_LIFETIME_S, RESET_LIFETIME_S
from commerce.eventstore import Accepted, Event, Metadata, Sealed, SealedSecret, StreamDecision, handle_command
from commerce.values import ids
from commerce.values.errors import existing


async def request_confirmation(accounts: Accounts, customer_id: UUID, metadata: Metadata) -> Accepted:
    """Ask for a mail by which a customer confirms their address; one of a moment ago will do.

    Raises `NotFound`, `CustomerNotActive`.
    """
    request = await new_request(accounts.store, CONFIRMATION_LIFETIME_S)

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        customer = existing(customers.fold(history), f"there is no customer {customer_id}")
        return customers.request_confirmation(customer, request)

    decision = StreamDecision(customer_id, decide)
    return await handle_command(accounts.store, decision, metadata, correlation_id=customer_id)


async def confirm_email(accounts: Accounts, text: str, request_id: str | None) -> tuple[UUID, Accepted]:
    """Confirm the address of the customer that a mail with this token went to, which may be another one that they want.
    Raises `MailTokenNotAccepted`, and for the latter what `confirm_email_change` raises."""
    if text.startswith(CHANGE_PREFIX):
        return await confirm_email_change(accounts, text, request_id)
    token = accounts.mail_tokens.confirmation.read(text)
    now, _ = await accounts.store.read_ends((), 1)

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        customer = customers.fold(history)
        if customer is None:
            raise MailTokenNotAccepted
        return customers.confirm_email(customer, token.request_id, now)

    metadata = Metadata(f"customer:{token.stream}", request_id)
    decision = StreamDecision(token.stream, decide)
    return token.stream, await handle_command(accounts.store, decision, metadata, correlation_id=token.stream)


async def request_reset(accounts: Accounts, email: str, request_id: str | None) -> None:
    """Ask for a mail by which the password of an address is replaced; of an address that is no active customer's the
    same is put on record, and there is no mail."""
    claim = accounts.addresses.claim(email)
    customer = await _customer_of(accounts, claim)
    customer_id = customer.id if customer and customer.is_active else None
    wanted = await new_request(accounts.store, RESET_LIFETIME_S)
    decision = StreamDecision(
        ids.password_resets_id(claim),
        lambda history: password_reset.request(password_reset.fold(history), customer_id, wanted),
    )
    await handle_command(accounts.store, decision, Metadata(SOMEBODY, request_id), correlation_id=customer_id)


async def reset_password(accounts: Accounts, text: str, password: str, request_id: str | None) -> None:
    """Replace the password of the customer that a mail with this token went to, if it still is their address; all
    sessions end.

    Raises `MailTokenNotAccepted`, `InvalidInput` for a password that may not be chosen, `CustomerNotActive`,
    `MissingKey`.
    """
    store = accounts.store
    token = accounts.mail_tokens.reset.read(text)
    now, _ = await store.read_ends((), 1)
    asked = await store.read_stream(token.stream)
    resets = password_reset.fold([one.event for one in asked])
    password_reset.use(resets, token.request_id, now)  # saves the hash
    known = await store.read_stream(resets.customer_id) if resets and resets.customer_id else []
    customer = customers.fold(one.event for one in known)
    has_moved = any(isinstance(one.event, EmailChanged) and one.position > asked[-1].position for one in known)
    if customer is None or customer.status is CustomerStatus.ERASED or has_moved:
        raise MailTokenNotAccepted
    key, email = await store.keys.of(customer.id), await store.keys.open(customer.email)
    secret = SealedSecret(key.seal(await accounts.hashes.of_new(password, email)))
    await handle_command(
        store,
        StreamDecision(
            token.stream, lambda history: password_reset.use(password_reset.fold(history), token.request_id, now)
        ),
        Metadata(f"customer:{customer.id}", request_id),
        alongside=[StreamDecision(customer.id, lambda history: _changed(history, customer.email, secret))],
        correlation_id=customer.id,
    )


async def _customer_of(accounts: Accounts, claim: UUID) -> Customer | None:
    """The customer whose address it is; one that is nobody's takes as many reads."""
    owner = owner_of(one.event for one in await accounts.store.read_stream(claim))
    return await _customer(accounts, owner or ids.nobody_id(claim))


async def _customer(accounts: Accounts, customer_id: UUID) -> Customer | None:
    return customers.fold([one.event for one in await accounts.store.read_stream(customer_id)])


def _changed(history: Sequence[Event], email: Sealed, secret: SealedSecret) -> Sequence[Event]:
    customer = customers.fold(history)
    if customer is None or customer.email != email:
        raise MailTokenNotAccepted
    return customers.change_password(customer, secret)
