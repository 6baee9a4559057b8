from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.new_factor import NewFactor
from ...models.problem import Problem
from ...models.prove_identity import ProveIdentity
from ...types import Response


def _get_kwargs(
    *,
    body: ProveIdentity,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/staff/me/second-factor",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> NewFactor | Problem | None:
    if response.status_code == 200:
        response_200 = NewFactor.from_dict(response.json())

        return response_200

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[NewFactor | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ProveIdentity,
) -> Response[NewFactor | Problem]:
    """Request own second factor

     Get the secret for another authenticator app. Confirm it within 15 minutes by a code of that app;
    until then the
    present one is good.

    Only what is their own: auditor, operator.

    Roles: auditor, operator.

    Args:
        body (ProveIdentity): What a member of staff shows who they are by.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[NewFactor | Problem]
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
    body: ProveIdentity,
) -> NewFactor | Problem | None:
    """Request own second factor

     Get the secret for another authenticator app. Confirm it within 15 minutes by a code of that app;
    until then the
    present one is good.

    Only what is their own: auditor, operator.

    Roles: auditor, operator.

    Args:
        body (ProveIdentity): What a member of staff shows who they are by.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        NewFactor | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ProveIdentity,
) -> Response[NewFactor | Problem]:
    """Request own second factor

     Get the secret for another authenticator app. Confirm it within 15 minutes by a code of that app;
    until then the
    present one is good.

    Only what is their own: auditor, operator.

    Roles: auditor, operator.

    Args:
        body (ProveIdentity): What a member of staff shows who they are by.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[NewFactor | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ProveIdentity,
) -> NewFactor | Problem | None:
    """Request own second factor

     Get the secret for another authenticator app. Confirm it within 15 minutes by a code of that app;
    until then the
    present one is good.

    Only what is their own: auditor, operator.

    Roles: auditor, operator.

    Args:
        body (ProveIdentity): What a member of staff shows who they are by.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        NewFactor | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
