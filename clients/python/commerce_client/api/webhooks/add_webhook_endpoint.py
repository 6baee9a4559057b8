from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.add_endpoint import AddEndpoint
from ...models.endpoint_added_answer import EndpointAddedAnswer
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: AddEndpoint,
    idempotency_key: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/webhook-endpoints",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EndpointAddedAnswer | Problem | None:
    if response.status_code == 201:
        response_201 = EndpointAddedAnswer.from_dict(response.json())

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
) -> Response[EndpointAddedAnswer | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: AddEndpoint,
    idempotency_key: str,
) -> Response[EndpointAddedAnswer | Problem]:
    """Add webhook endpoint

     Have another system told what happens from now on. The answer shows the secret, and nothing does
    afterwards.

    Each event is a `POST` with a CloudEvent as its body, signed as Standard Webhooks has it: check
    `webhook-signature`,
    and answer 2xx within 15 seconds. What is not taken is sent again for three days. Recognise a repeat
    by
    `webhook-id`.

    Roles: operator.

    Args:
        idempotency_key (str):
        body (AddEndpoint): Where deliveries are to go, and which.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EndpointAddedAnswer | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: AddEndpoint,
    idempotency_key: str,
) -> EndpointAddedAnswer | Problem | None:
    """Add webhook endpoint

     Have another system told what happens from now on. The answer shows the secret, and nothing does
    afterwards.

    Each event is a `POST` with a CloudEvent as its body, signed as Standard Webhooks has it: check
    `webhook-signature`,
    and answer 2xx within 15 seconds. What is not taken is sent again for three days. Recognise a repeat
    by
    `webhook-id`.

    Roles: operator.

    Args:
        idempotency_key (str):
        body (AddEndpoint): Where deliveries are to go, and which.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EndpointAddedAnswer | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: AddEndpoint,
    idempotency_key: str,
) -> Response[EndpointAddedAnswer | Problem]:
    """Add webhook endpoint

     Have another system told what happens from now on. The answer shows the secret, and nothing does
    afterwards.

    Each event is a `POST` with a CloudEvent as its body, signed as Standard Webhooks has it: check
    `webhook-signature`,
    and answer 2xx within 15 seconds. What is not taken is sent again for three days. Recognise a repeat
    by
    `webhook-id`.

    Roles: operator.

    Args:
        idempotency_key (str):
        body (AddEndpoint): Where deliveries are to go, and which.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EndpointAddedAnswer | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: AddEndpoint,
    idempotency_key: str,
) -> EndpointAddedAnswer | Problem | None:
    """Add webhook endpoint

     Have another system told what happens from now on. The answer shows the secret, and nothing does
    afterwards.

    Each event is a `POST` with a CloudEvent as its body, signed as Standard Webhooks has it: check
    `webhook-signature`,
    and answer 2xx within 15 seconds. What is not taken is sent again for three days. Recognise a repeat
    by
    `webhook-id`.

    Roles: operator.

    Args:
        idempotency_key (str):
        body (AddEndpoint): Where deliveries are to go, and which.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EndpointAddedAnswer | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
