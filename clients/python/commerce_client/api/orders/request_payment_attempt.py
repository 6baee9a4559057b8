from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.order import Order
from ...models.payment_attempt_accepted import PaymentAttemptAccepted
from ...models.payment_attempt_request import PaymentAttemptRequest
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    order_id: UUID,
    *,
    body: PaymentAttemptRequest,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Idempotency-Key"] = idempotency_key

    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders/{order_id}/payment/attempts".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Order | PaymentAttemptAccepted | Problem | None:
    if response.status_code == 200:
        response_200 = Order.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = PaymentAttemptAccepted.from_dict(response.json())

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
) -> Response[Order | PaymentAttemptAccepted | Problem]:
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
    body: PaymentAttemptRequest,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Response[Order | PaymentAttemptAccepted | Problem]:
    """Request payment attempt

     Try a payment in another way while it waits for its customer, or have the payment provider asked.

    What was tried before is ended first, unless the customer has confirmed it, so money is never held
    twice. An order
    has 10 attempts in all.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        order_id (UUID):
        idempotency_key (str):
        prefer (str | Unset):
        body (PaymentAttemptRequest): Another attempt at a payment that waits for its customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Order | PaymentAttemptAccepted | Problem]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        idempotency_key=idempotency_key,
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
    body: PaymentAttemptRequest,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Order | PaymentAttemptAccepted | Problem | None:
    """Request payment attempt

     Try a payment in another way while it waits for its customer, or have the payment provider asked.

    What was tried before is ended first, unless the customer has confirmed it, so money is never held
    twice. An order
    has 10 attempts in all.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        order_id (UUID):
        idempotency_key (str):
        prefer (str | Unset):
        body (PaymentAttemptRequest): Another attempt at a payment that waits for its customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Order | PaymentAttemptAccepted | Problem
    """

    return sync_detailed(
        order_id=order_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PaymentAttemptRequest,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Response[Order | PaymentAttemptAccepted | Problem]:
    """Request payment attempt

     Try a payment in another way while it waits for its customer, or have the payment provider asked.

    What was tried before is ended first, unless the customer has confirmed it, so money is never held
    twice. An order
    has 10 attempts in all.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        order_id (UUID):
        idempotency_key (str):
        prefer (str | Unset):
        body (PaymentAttemptRequest): Another attempt at a payment that waits for its customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Order | PaymentAttemptAccepted | Problem]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PaymentAttemptRequest,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Order | PaymentAttemptAccepted | Problem | None:
    """Request payment attempt

     Try a payment in another way while it waits for its customer, or have the payment provider asked.

    What was tried before is ended first, unless the customer has confirmed it, so money is never held
    twice. An order
    has 10 attempts in all.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        order_id (UUID):
        idempotency_key (str):
        prefer (str | Unset):
        body (PaymentAttemptRequest): Another attempt at a payment that waits for its customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Order | PaymentAttemptAccepted | Problem
    """

    return (
        await asyncio_detailed(
            order_id=order_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
            prefer=prefer,
        )
    ).parsed
