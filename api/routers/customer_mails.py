"""What is done by mail: customers confirm their e-mail address, have another one, and replace a password that they
forgot."""

from __future__ import annotations

from fastapi import Request, Response

from api.auth import Admitted
from api.context import context_of
from api.http.json_body import StrictlyRead
from api.http.network_address import network_address_of
from api.http.resource import Answer, Resource
from api.queries.consistency import HEADER
from api.routers.customers import answered, own_id
from api.schemas.answers import json_answer
from api.schemas.customers import (
    EXAMPLE_CUSTOMER_ACCEPTED,
    ChangeEmail,
    ConfirmEmail,
    CustomerAccepted,
    MailAsked,
    PasswordReplaced,
    RequestPasswordReset,
    ResetPassword,
)
from commerce.customers import mail_commands
from commerce.customers.email_change import EmailChange, request_email_change

router = Resource("/api/v1/customers", "customers")

_PROBLEMS = (400, 413, 415)


@router.command(
    "POST",
    "/me/email-confirmation",
    Answer(CustomerAccepted, 202, EXAMPLE_CUSTOMER_ACCEPTED, ("ETag", HEADER)),
    problems=(400, 404, 409),
)
async def request_email_confirmation(request: Request, caller: Admitted) -> Response:
    """Ask for another mail by which you confirm your e-mail address; one of the last minute will do."""
    customer_id = own_id(caller)
    accepted = await mail_commands.request_confirmation(context_of(request).accounts, customer_id, caller.metadata)
    return answered(customer_id, accepted, code=202)


@router.command(
    "PUT",
    "/me/email",
    Answer(CustomerAccepted, 202, EXAMPLE_CUSTOMER_ACCEPTED, ("ETag", HEADER)),
    problems=(400, 404, 409, 429),
)
async def change_own_email(command: ChangeEmail, request: Request, caller: Admitted) -> Response:
    """Change your e-mail address. A mail there asks for confirmation; until then you have the present one, which is
    told once it is replaced. An address that another customer has is a 409."""
    customer_id, password = own_id(caller), command.present_password.get_secret_value()
    change = EmailChange(command.email, password, network_address_of(request))
    accepted = await request_email_change(context_of(request).accounts, customer_id, change, caller.metadata)
    return answered(customer_id, accepted, code=202)


@router.open_command(
    "POST",
    "/email-confirmation",
    Answer(CustomerAccepted, 200, EXAMPLE_CUSTOMER_ACCEPTED, ("ETag", HEADER)),
    problems=(*_PROBLEMS, 409),
)
async def confirm_email(command: ConfirmEmail, request: Request, _read: StrictlyRead) -> Response:
    """Confirm an e-mail address by the token of the mail that went there: the one that you registered with, or another
    one that you want (`PUT /customers/me/email`)."""
    accounts = context_of(request).accounts
    customer_id, accepted = await mail_commands.confirm_email(accounts, command.token, request.scope["request_id"])
    return answered(customer_id, accepted)


@router.open_command("POST", "/password-reset", Answer(MailAsked, 202, {"status": "requested"}), problems=_PROBLEMS)
async def request_password_reset(command: RequestPasswordReset, request: Request, _read: StrictlyRead) -> Response:
    """Ask for a mail by which a forgotten password is replaced. The answer is the same for every e-mail address."""
    await mail_commands.request_reset(context_of(request).accounts, command.email, request.scope["request_id"])
    return json_answer(MailAsked("requested"), status=202)


@router.open_command(
    "POST",
    "/password-reset/confirmation",
    Answer(PasswordReplaced, 200, {"status": "replaced"}),
    problems=(*_PROBLEMS, 409),
)
async def reset_password(command: ResetPassword, request: Request, _read: StrictlyRead) -> Response:
    """Replace a forgotten password by the token of a mail; whoever is logged in is logged out, within an hour."""
    accounts, password = context_of(request).accounts, command.password.get_secret_value()
    await mail_commands.reset_password(accounts, command.token, password, request.scope["request_id"])
    return json_answer(PasswordReplaced("replaced"))
