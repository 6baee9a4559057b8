from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.change_endpoint import ChangeEndpoint
from ...models.endpoint_changed_answer import EndpointChangedAnswer
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    endpoint_id: UUID,
    *,
    body: ChangeEndpoint,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/webhook-endpoints/{endpoint_id}".format(
            endpoint_id=quote(str(endpoint_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EndpointChangedAnswer | Problem | None:
    if response.status_code == 200:
        response_200 = EndpointChangedAnswer.from_dict(response.json())

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
) -> Response[EndpointChangedAnswer | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    endpoint_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChangeEndpoint,
) -> Response[EndpointChangedAnswer | Problem]:
    """Change webhook endpoint

     Change where an endpoint is or what it is told; disable it, or enable it again: then what waited is
    delivered.

    Roles: operator.

    Args:
        endpoint_id (UUID):
        body (ChangeEndpoint): What changes of an endpoint (RFC 7396): what is left out stays.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EndpointChangedAnswer | Problem]
    """

    kwargs = _get_kwargs(
        endpoint_id=endpoint_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    endpoint_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChangeEndpoint,
) -> EndpointChangedAnswer | Problem | None:
    """Change webhook endpoint

     Change where an endpoint is or what it is told; disable it, or enable it again: then what waited is
    delivered.

    Roles: operator.

    Args:
        endpoint_id (UUID):
        body (ChangeEndpoint): What changes of an endpoint (RFC 7396): what is left out stays.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EndpointChangedAnswer | Problem
    """

    return sync_detailed(
        endpoint_id=endpoint_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    endpoint_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChangeEndpoint,
) -> Response[EndpointChangedAnswer | Problem]:
    """Change webhook endpoint

     Change where an endpoint is or what it is told; disable it, or enable it again: then what waited is
    delivered.

    Roles: operator.

    Args:
        endpoint_id (UUID):
        body (ChangeEndpoint): What changes of an endpoint (RFC 7396): what is left out stays.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EndpointChangedAnswer | Problem]
    """

    kwargs = _get_kwargs(
        endpoint_id=endpoint_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    endpoint_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChangeEndpoint,
) -> EndpointChangedAnswer | Problem | None:
    """Change webhook endpoint

     Change where an endpoint is or what it is told; disable it, or enable it again: then what waited is
    delivered.

    Roles: operator.

    Args:
        endpoint_id (UUID):
        body (ChangeEndpoint): What changes of an endpoint (RFC 7396): what is left out stays.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EndpointChangedAnswer | Problem
    """

    return (
        await asyncio_detailed(
            endpoint_id=endpoint_id,
            client=client,
            body=body,
        )
    ).parsed
