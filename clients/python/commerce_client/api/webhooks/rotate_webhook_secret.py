from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.rotate_secret import RotateSecret
from ...models.secret_rotated_answer import SecretRotatedAnswer
from ...types import Response


def _get_kwargs(
    endpoint_id: UUID,
    *,
    body: RotateSecret,
    idempotency_key: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/webhook-endpoints/{endpoint_id}/rotation".format(
            endpoint_id=quote(str(endpoint_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | SecretRotatedAnswer | None:
    if response.status_code == 201:
        response_201 = SecretRotatedAnswer.from_dict(response.json())

        return response_201

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
) -> Response[Problem | SecretRotatedAnswer]:
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
    body: RotateSecret,
    idempotency_key: str,
) -> Response[Problem | SecretRotatedAnswer]:
    """Rotate webhook secret

     Have deliveries signed with a new secret, and for a while with the present one, too: `webhook-
    signature` then has
    two signatures, and a receiver takes either.

    Roles: operator.

    Args:
        endpoint_id (UUID):
        idempotency_key (str):
        body (RotateSecret): The secret that takes another one's place.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SecretRotatedAnswer]
    """

    kwargs = _get_kwargs(
        endpoint_id=endpoint_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    endpoint_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RotateSecret,
    idempotency_key: str,
) -> Problem | SecretRotatedAnswer | None:
    """Rotate webhook secret

     Have deliveries signed with a new secret, and for a while with the present one, too: `webhook-
    signature` then has
    two signatures, and a receiver takes either.

    Roles: operator.

    Args:
        endpoint_id (UUID):
        idempotency_key (str):
        body (RotateSecret): The secret that takes another one's place.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SecretRotatedAnswer
    """

    return sync_detailed(
        endpoint_id=endpoint_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    endpoint_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RotateSecret,
    idempotency_key: str,
) -> Response[Problem | SecretRotatedAnswer]:
    """Rotate webhook secret

     Have deliveries signed with a new secret, and for a while with the present one, too: `webhook-
    signature` then has
    two signatures, and a receiver takes either.

    Roles: operator.

    Args:
        endpoint_id (UUID):
        idempotency_key (str):
        body (RotateSecret): The secret that takes another one's place.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SecretRotatedAnswer]
    """

    kwargs = _get_kwargs(
        endpoint_id=endpoint_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    endpoint_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RotateSecret,
    idempotency_key: str,
) -> Problem | SecretRotatedAnswer | None:
    """Rotate webhook secret

     Have deliveries signed with a new secret, and for a while with the present one, too: `webhook-
    signature` then has
    two signatures, and a receiver takes either.

    Roles: operator.

    Args:
        endpoint_id (UUID):
        idempotency_key (str):
        body (RotateSecret): The secret that takes another one's place.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SecretRotatedAnswer
    """

    return (
        await asyncio_detailed(
            endpoint_id=endpoint_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
