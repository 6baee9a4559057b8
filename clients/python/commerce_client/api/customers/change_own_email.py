from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.change_email import ChangeEmail
from ...models.customer_accepted import CustomerAccepted
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: ChangeEmail,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/customers/me/email",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CustomerAccepted | Problem | None:
    if response.status_code == 202:
        response_202 = CustomerAccepted.from_dict(response.json())

        return response_202

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[CustomerAccepted | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ChangeEmail,
) -> Response[CustomerAccepted | Problem]:
    """Change own email

     Change your e-mail address. A mail there asks for confirmation; until then you have the present one,
    which is
    told once it is replaced. An address that another customer has is a 409.

    Only what is their own: customer.

    Roles: customer.

    Args:
        body (ChangeEmail): Another e-mail address, which a mail there asks to be confirmed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CustomerAccepted | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ChangeEmail,
) -> CustomerAccepted | Problem | None:
    """Change own email

     Change your e-mail address. A mail there asks for confirmation; until then you have the present one,
    which is
    told once it is replaced. An address that another customer has is a 409.

    Only what is their own: customer.

    Roles: customer.

    Args:
        body (ChangeEmail): Another e-mail address, which a mail there asks to be confirmed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CustomerAccepted | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ChangeEmail,
) -> Response[CustomerAccepted | Problem]:
    """Change own email

     Change your e-mail address. A mail there asks for confirmation; until then you have the present one,
    which is
    told once it is replaced. An address that another customer has is a 409.

    Only what is their own: customer.

    Roles: customer.

    Args:
        body (ChangeEmail): Another e-mail address, which a mail there asks to be confirmed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CustomerAccepted | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ChangeEmail,
) -> CustomerAccepted | Problem | None:
    """Change own email

     Change your e-mail address. A mail there asks for confirmation; until then you have the present one,
    which is
    told once it is replaced. An address that another customer has is a 409.

    Only what is their own: customer.

    Roles: customer.

    Args:
        body (ChangeEmail): Another e-mail address, which a mail there asks to be confirmed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CustomerAccepted | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
