from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.revocation_request import RevocationRequest
from ...models.token_revoked import TokenRevoked
from ...types import Response


def _get_kwargs(
    *,
    body: RevocationRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/revocation",
    }

    _kwargs["data"] = body.to_dict()
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | TokenRevoked | None:
    if response.status_code == 200:
        response_200 = TokenRevoked.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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
) -> Response[Problem | TokenRevoked]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: RevocationRequest,
) -> Response[Problem | TokenRevoked]:
    """Revoke token

     Log out: no refresh token of this session is accepted any more (RFC 7009).

    A customer's access tokens that were given before are good until their hour ends; those of staff
    end, too.

    Args:
        body (RevocationRequest): A refresh token that is to be good for nothing any more. Other
            parameters are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TokenRevoked]
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
    client: AuthenticatedClient | Client,
    body: RevocationRequest,
) -> Problem | TokenRevoked | None:
    """Revoke token

     Log out: no refresh token of this session is accepted any more (RFC 7009).

    A customer's access tokens that were given before are good until their hour ends; those of staff
    end, too.

    Args:
        body (RevocationRequest): A refresh token that is to be good for nothing any more. Other
            parameters are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TokenRevoked
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: RevocationRequest,
) -> Response[Problem | TokenRevoked]:
    """Revoke token

     Log out: no refresh token of this session is accepted any more (RFC 7009).

    A customer's access tokens that were given before are good until their hour ends; those of staff
    end, too.

    Args:
        body (RevocationRequest): A refresh token that is to be good for nothing any more. Other
            parameters are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TokenRevoked]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: RevocationRequest,
) -> Problem | TokenRevoked | None:
    """Revoke token

     Log out: no refresh token of this session is accepted any more (RFC 7009).

    A customer's access tokens that were given before are good until their hour ends; those of staff
    end, too.

    Args:
        body (RevocationRequest): A refresh token that is to be good for nothing any more. Other
            parameters are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TokenRevoked
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
