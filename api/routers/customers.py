"""Customers: they register, see and change what is known of them, and close their account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Query, Request, Response
from pydantic_core import from_json, to_json

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.conditional_headers import expected_versions
from api.http.errors import PreconditionFailed
from api.http.idempotency import Outcome, answer_once, keyed_by_anybody
from api.http.json_body import StrictlyRead
from api.http.network_address import network_address_of
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import CUSTOMER_IF_MATCH, KEY_IF_WANTED
from api.queries.access_records import record_access
from api.queries.consistency import HEADER
from api.schemas.answers import command_answer, json_answer
from api.schemas.customers import (
    EXAMPLE_CUSTOMER,
    EXAMPLE_CUSTOMER_ACCEPTED,
    PROFILE_FIELDS,
    ChangeCustomer,
    ChangePassword,
    CustomerAccepted,
    CustomerView,
    RegisterCustomer,
    customer_view,
)
from api.schemas.erasures import erasure_view
from api.schemas.fields import Email
from api.schemas.parameters import Paging
from commerce.customers import commands
from commerce.customers import customer as customers
from commerce.customers.commands import NewCustomer, PasswordChange
from commerce.customers.customer import CustomerStatus
from commerce.customers.erasure_commands import recorded_erasure
from commerce.eventstore import Accepted, EventStore, Metadata, MissingKey, Sealed
from commerce.values import ids
from commerce.values.errors import StaleVersion, existing
from projections.engine.pages import Page, page_of

router = Resource("/api/v1/customers", "customers")

_ACCEPTED = Answer(CustomerAccepted, 200, EXAMPLE_CUSTOMER_ACCEPTED, ("ETag", HEADER))


@router.open_command(
    "POST",
    "",
    Answer(CustomerAccepted, 201, EXAMPLE_CUSTOMER_ACCEPTED, ("Location", "ETag", HEADER)),
    problems=(400, 409, 413, 415),
    reads=(KEY_IF_WANTED,),
)
async def register_customer(command: RegisterCustomer, request: Request, _read: StrictlyRead) -> Response:
    """Register. An e-mail address that a customer has already is a 409; `POST /auth/token` then logs in.

    A mail asks whether the address is right (`POST /customers/email-confirmation`).
    """
    customer_id = uuid4()
    answer = to_json({"customer_id": customer_id, "version": 2, "status": CustomerStatus.ACTIVE})
    attempt = keyed_by_anybody(request, command)
    context = context_of(request)
    new = NewCustomer(customer_id, command.email, command.password.get_secret_value(), command.profile)
    metadata = Metadata(f"customer:{customer_id}", request.scope["request_id"])
    if attempt is None:
        outcome = Outcome(answer, (await commands.register(context.accounts, new, metadata)).position)
    else:
        outcome = await answer_once(
            request, attempt, answer, lambda key: commands.register(context.accounts, new, metadata, idempotency=key)
        )
    registered = from_json(outcome.answer)
    about = {"Location": f"{router.prefix}/{registered['customer_id']}", "ETag": '"2"'}
    return command_answer(201, outcome.answer, outcome.position, about)


@router.query("/me", Answer(CustomerView, headers=("ETag",)), problems=(404,))
async def get_own_customer(request: Request, caller: Admitted) -> Response:
    """See what is known of you."""
    return await _shown(request, own_id(caller))


@router.command("PATCH", "/me", _ACCEPTED, problems=(400, 404, 409, 412), reads=(CUSTOMER_IF_MATCH,))
async def change_own_customer(command: ChangeCustomer, request: Request, caller: Admitted) -> Response:
    """Change your profile: what is left out stays, null removes (RFC 7396)."""
    store, customer_id = context_of(request).store, own_id(caller)
    changed = await _changed(store, customer_id, command.changes)
    versions = expected_versions(request)
    with _condition(versions):
        accepted = await commands.change_profile(
            store, customer_id, lambda present: replace(present, **changed), caller.metadata, versions
        )
    return answered(customer_id, accepted)


@router.command("PUT", "/me/password", _ACCEPTED, problems=(400, 404, 409, 429))
async def change_own_password(command: ChangePassword, request: Request, caller: Admitted) -> Response:
    """Change your password. Who is logged in with the old one is logged out, within an hour."""
    context, customer_id = context_of(request), own_id(caller)
    change = PasswordChange(
        command.present_password.get_secret_value(), command.password.get_secret_value(), network_address_of(request)
    )
    accepted = await commands.change_password(context.accounts, customer_id, change, caller.metadata)
    return answered(customer_id, accepted)


@router.command("DELETE", "/me", _ACCEPTED, problems=(400, 404, 412), reads=(CUSTOMER_IF_MATCH,))
async def deactivate_own_customer(request: Request, caller: Admitted) -> Response:
    """Close your account: nobody can log in with it any more. Open orders go on."""
    customer_id, versions = own_id(caller), expected_versions(request)
    with _condition(versions):
        accepted = await commands.deactivate(context_of(request).store, customer_id, caller.metadata, versions)
    return answered(customer_id, accepted, CustomerStatus.DEACTIVATED)


@router.query("", page_answer(Page[CustomerView], EXAMPLE_CUSTOMER))
async def find_customers(
    request: Request,
    caller: Admitted,
    paging: Paging,
    email: Annotated[Email, Query(description="What they log in with, whole; capitals do not matter.")],
) -> Response:
    """Find the customer who has registered with an e-mail address: one, or nobody.

    Who has only ordered is found by `GET /orders`.
    """
    context = context_of(request)
    found: list[CustomerView] = []
    if (customer_id := await commands.customer_with(context.accounts, email)) is not None:
        await record_access(request, caller, (), [customer_id])
        customer = await shown_customer(context.store, customer_id)
        found = [] if customer is None else [customer]
    return json_answer(page_of("customers", found, lambda one: (str(one.customer_id),), paging))


@router.query("/{customer_id}", Answer(CustomerView, headers=("ETag",)), problems=(404,))
async def get_customer(customer_id: UUID, request: Request, caller: Admitted) -> Response:
    """See a customer."""
    await commands.load_customer(context_of(request).store, customer_id)
    await record_access(request, caller, (), [customer_id])
    return await _shown(request, customer_id)


def own_id(caller: Caller) -> UUID:
    """The customer who asks."""
    assert caller.customer_id is not None  # these routes are for customers alone
    return caller.customer_id


@contextmanager
def _condition(versions: frozenset[int] | None) -> Iterator[None]:
    """Where the client names a version, another one is a condition that does not hold."""
    try:
        yield
    except StaleVersion as error:
        raise error if versions is None else PreconditionFailed(str(error)) from None


async def _changed(store: EventStore, customer_id: UUID, wanted: Mapping[str, str | None]) -> dict[str, Sealed | None]:
    """The fields of a profile that are to say something else than they do, sealed."""
    present = await commands.load_customer(store, customer_id)
    customers.require_active(present)
    profile = {name: getattr(present, name) for name in wanted}
    plain = await store.keys.open_readable(filter(None, profile.values()))
    key = await store.keys.of(customer_id)
    if key.new:
        raise MissingKey(f"the key of {customer_id} does not exist (any more): nothing can be sealed with it")
    return {
        name: None if text is None else key.seal(text)
        for name, text in wanted.items()
        if text != (profile[name] and plain.get(profile[name]))
    }


async def _shown(request: Request, customer_id: UUID) -> Response:
    shown = existing(
        await shown_customer(context_of(request).store, customer_id), f"there is no customer {customer_id}"
    )
    return json_answer(shown, {"ETag": f'"{shown.version}"'})


async def shown_customer(store: EventStore, customer_id: UUID) -> CustomerView | None:
    """What is known of a customer, with their erasure; None where there is no account. Raises `Unavailable`."""
    stream = ids.erasure_id(customer_id)
    streams = await store.read_together([customer_id, stream])
    history, erasure = streams[customer_id], recorded_erasure(streams[stream])
    customer = customers.fold(recorded.event for recorded in history)
    if customer is None:
        return None
    wanted = customer.wanted_email and customer.wanted_email.email
    sealed = (customer.email, wanted, *(getattr(customer, name) for name in PROFILE_FIELDS))
    plain = await store.keys.open_readable(filter(None, sealed))
    view = erasure_view(erasure) if erasure else None
    return customer_view(customer, plain, history[0].recorded_at, history[-1].recorded_at, view)


def answered(
    customer_id: UUID, accepted: Accepted, status: CustomerStatus = CustomerStatus.ACTIVE, code: int = 200
) -> Response:
    """The answer of a command of a customer."""
    answer = {"customer_id": customer_id, "version": accepted.version, "status": status}
    return command_answer(code, to_json(answer), accepted.position, {"ETag": f'"{accepted.version}"'})
