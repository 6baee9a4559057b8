from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.cancellation_request import CancellationRequest
from ...models.order import Order
from ...models.order_accepted import OrderAccepted
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    order_id: UUID,
    *,
    body: CancellationRequest,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders/{order_id}/cancellation".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Order | OrderAccepted | Problem | None:
    if response.status_code == 200:
        response_200 = Order.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = OrderAccepted.from_dict(response.json())

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

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

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
) -> Response[Order | OrderAccepted | Problem]:
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
    body: CancellationRequest,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> Response[Order | OrderAccepted | Problem]:
    """Cancel order

     Request the cancellation of an order.

    What was done for it is undone first; if its shipment has already left, the order stays as it is.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        order_id (UUID):
        idempotency_key (str | Unset):
        if_match (str | Unset):
        prefer (str | Unset):
        body (CancellationRequest): Why an order is to be undone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Order | OrderAccepted | Problem]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        idempotency_key=idempotency_key,
        if_match=if_match,
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
    body: CancellationRequest,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> Order | OrderAccepted | Problem | None:
    """Cancel order

     Request the cancellation of an order.

    What was done for it is undone first; if its shipment has already left, the order stays as it is.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        order_id (UUID):
        idempotency_key (str | Unset):
        if_match (str | Unset):
        prefer (str | Unset):
        body (CancellationRequest): Why an order is to be undone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Order | OrderAccepted | Problem
    """

    return sync_detailed(
        order_id=order_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
        if_match=if_match,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: CancellationRequest,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> Response[Order | OrderAccepted | Problem]:
    """Cancel order

     Request the cancellation of an order.

    What was done for it is undone first; if its shipment has already left, the order stays as it is.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        order_id (UUID):
        idempotency_key (str | Unset):
        if_match (str | Unset):
        prefer (str | Unset):
        body (CancellationRequest): Why an order is to be undone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Order | OrderAccepted | Problem]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        idempotency_key=idempotency_key,
        if_match=if_match,
        prefer=prefer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: CancellationRequest,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> Order | OrderAccepted | Problem | None:
    """Cancel order

     Request the cancellation of an order.

    What was done for it is undone first; if its shipment has already left, the order stays as it is.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        order_id (UUID):
        idempotency_key (str | Unset):
        if_match (str | Unset):
        prefer (str | Unset):
        body (CancellationRequest): Why an order is to be undone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Order | OrderAccepted | Problem
    """

    return (
        await asyncio_detailed(
            order_id=order_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
            if_match=if_match,
            prefer=prefer,
        )
    ).parsed
