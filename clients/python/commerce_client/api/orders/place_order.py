from http import HTTPStatus
from typing import Any

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.order import Order
from ...models.order_accepted import OrderAccepted
from ...models.place_order import PlaceOrder
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: PlaceOrder,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Idempotency-Key"] = idempotency_key

    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders",
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

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

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
) -> Response[Order | OrderAccepted | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: PlaceOrder,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Response[Order | OrderAccepted | Problem]:
    """Place order

     Place an order.

    Stock, payment and shipment are handled afterwards; `GET /orders/{order_id}` shows the result.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        idempotency_key (str):
        prefer (str | Unset):
        body (PlaceOrder): An order; without a customer it is a guest's. Several lines may have
            the same SKU.

            `reference` is the shop's own, such as an invoice number: within its channel no other
            order can have it. All
            operators are one channel, each service is one, and so is each customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Order | OrderAccepted | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: PlaceOrder,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Order | OrderAccepted | Problem | None:
    """Place order

     Place an order.

    Stock, payment and shipment are handled afterwards; `GET /orders/{order_id}` shows the result.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        idempotency_key (str):
        prefer (str | Unset):
        body (PlaceOrder): An order; without a customer it is a guest's. Several lines may have
            the same SKU.

            `reference` is the shop's own, such as an invoice number: within its channel no other
            order can have it. All
            operators are one channel, each service is one, and so is each customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Order | OrderAccepted | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: PlaceOrder,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Response[Order | OrderAccepted | Problem]:
    """Place order

     Place an order.

    Stock, payment and shipment are handled afterwards; `GET /orders/{order_id}` shows the result.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        idempotency_key (str):
        prefer (str | Unset):
        body (PlaceOrder): An order; without a customer it is a guest's. Several lines may have
            the same SKU.

            `reference` is the shop's own, such as an invoice number: within its channel no other
            order can have it. All
            operators are one channel, each service is one, and so is each customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Order | OrderAccepted | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: PlaceOrder,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Order | OrderAccepted | Problem | None:
    """Place order

     Place an order.

    Stock, payment and shipment are handled afterwards; `GET /orders/{order_id}` shows the result.

    Only what is their own: customer.

    Roles: customer, operator, service.

    Args:
        idempotency_key (str):
        prefer (str | Unset):
        body (PlaceOrder): An order; without a customer it is a guest's. Several lines may have
            the same SKU.

            `reference` is the shop's own, such as an invoice number: within its channel no other
            order can have it. All
            operators are one channel, each service is one, and so is each customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Order | OrderAccepted | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
            prefer=prefer,
        )
    ).parsed
