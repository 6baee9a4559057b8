from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.erase_data import EraseData
from ...models.erasure import Erasure
from ...models.erasure_accepted import ErasureAccepted
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    order_id: UUID,
    *,
    body: EraseData,
    prefer: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders/{order_id}/erasure".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Erasure | ErasureAccepted | Problem | None:
    if response.status_code == 200:
        response_200 = Erasure.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = ErasureAccepted.from_dict(response.json())

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
) -> Response[Erasure | ErasureAccepted | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: EraseData,
    prefer: str | Unset = UNSET,
) -> Response[Erasure | ErasureAccepted | Problem]:
    """Erase guest

     Have everything personal of a guest's order erased, as soon as it has ended. 409 for an order of a
    customer.

    Roles: operator.

    Args:
        order_id (UUID):
        prefer (str | Unset):
        body (EraseData): Why personal data is to be erased.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Erasure | ErasureAccepted | Problem]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        prefer=prefer,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: EraseData,
    prefer: str | Unset = UNSET,
) -> Erasure | ErasureAccepted | Problem | None:
    """Erase guest

     Have everything personal of a guest's order erased, as soon as it has ended. 409 for an order of a
    customer.

    Roles: operator.

    Args:
        order_id (UUID):
        prefer (str | Unset):
        body (EraseData): Why personal data is to be erased.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Erasure | ErasureAccepted | Problem
    """

    return sync_detailed(
        order_id=order_id,
        client=client,
        body=body,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: EraseData,
    prefer: str | Unset = UNSET,
) -> Response[Erasure | ErasureAccepted | Problem]:
    """Erase guest

     Have everything personal of a guest's order erased, as soon as it has ended. 409 for an order of a
    customer.

    Roles: operator.

    Args:
        order_id (UUID):
        prefer (str | Unset):
        body (EraseData): Why personal data is to be erased.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Erasure | ErasureAccepted | Problem]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        prefer=prefer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: EraseData,
    prefer: str | Unset = UNSET,
) -> Erasure | ErasureAccepted | Problem | None:
    """Erase guest

     Have everything personal of a guest's order erased, as soon as it has ended. 409 for an order of a
    customer.

    Roles: operator.

    Args:
        order_id (UUID):
        prefer (str | Unset):
        body (EraseData): Why personal data is to be erased.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Erasure | ErasureAccepted | Problem
    """

    return (
        await asyncio_detailed(
            order_id=order_id,
            client=client,
            body=body,
            prefer=prefer,
        )
    ).parsed
