from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.token_answer import TokenAnswer
from ...models.token_request import TokenRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: TokenRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/token",
    }

    _kwargs["data"] = body.to_dict()
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | TokenAnswer | None:
    if response.status_code == 200:
        response_200 = TokenAnswer.from_dict(response.json())

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
) -> Response[Problem | TokenAnswer]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Problem | TokenAnswer]:
    """Issue token

     Log in, or stay logged in (RFC 6749, 4.3 and 6).

    An access token is good for an hour, one of staff for 15 minutes. A refresh token is good for one
    use, and its
    answer has the next one. One that is used twice ends the session, as it was stolen or lost.

    Staff (`account=staff`) send a code of their second factor as `otp`. Where that is missing, the
    answer to the right
    password is 400 with the error `mfa_required`.

    Args:
        idempotency_key (str | Unset):
        body (TokenRequest): A request for tokens: by `password`, with `username` and `password`,
            and for staff `otp`; or by `refresh_token`.
            Other parameters are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TokenAnswer]
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
    client: AuthenticatedClient | Client,
    body: TokenRequest,
    idempotency_key: str | Unset = UNSET,
) -> Problem | TokenAnswer | None:
    """Issue token

     Log in, or stay logged in (RFC 6749, 4.3 and 6).

    An access token is good for an hour, one of staff for 15 minutes. A refresh token is good for one
    use, and its
    answer has the next one. One that is used twice ends the session, as it was stolen or lost.

    Staff (`account=staff`) send a code of their second factor as `otp`. Where that is missing, the
    answer to the right
    password is 400 with the error `mfa_required`.

    Args:
        idempotency_key (str | Unset):
        body (TokenRequest): A request for tokens: by `password`, with `username` and `password`,
            and for staff `otp`; or by `refresh_token`.
            Other parameters are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TokenAnswer
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Problem | TokenAnswer]:
    """Issue token

     Log in, or stay logged in (RFC 6749, 4.3 and 6).

    An access token is good for an hour, one of staff for 15 minutes. A refresh token is good for one
    use, and its
    answer has the next one. One that is used twice ends the session, as it was stolen or lost.

    Staff (`account=staff`) send a code of their second factor as `otp`. Where that is missing, the
    answer to the right
    password is 400 with the error `mfa_required`.

    Args:
        idempotency_key (str | Unset):
        body (TokenRequest): A request for tokens: by `password`, with `username` and `password`,
            and for staff `otp`; or by `refresh_token`.
            Other parameters are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TokenAnswer]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
    idempotency_key: str | Unset = UNSET,
) -> Problem | TokenAnswer | None:
    """Issue token

     Log in, or stay logged in (RFC 6749, 4.3 and 6).

    An access token is good for an hour, one of staff for 15 minutes. A refresh token is good for one
    use, and its
    answer has the next one. One that is used twice ends the session, as it was stolen or lost.

    Staff (`account=staff`) send a code of their second factor as `otp`. Where that is missing, the
    answer to the right
    password is 400 with the error `mfa_required`.

    Args:
        idempotency_key (str | Unset):
        body (TokenRequest): A request for tokens: by `password`, with `username` and `password`,
            and for staff `otp`; or by `refresh_token`.
            Other parameters are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TokenAnswer
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
