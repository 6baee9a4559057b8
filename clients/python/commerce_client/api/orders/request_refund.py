from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.refund_accepted import RefundAccepted
from ...models.refund_preview import RefundPreview
from ...models.refund_request import RefundRequest
from ...models.settled_refund import SettledRefund
from ...types import UNSET, Response, Unset


def _get_kwargs(
    order_id: UUID,
    *,
    body: RefundRequest,
    dry_run: bool | Unset = False,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Idempotency-Key"] = idempotency_key

    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders/{order_id}/refunds".format(
            order_id=quote(str(order_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | RefundAccepted | RefundPreview | SettledRefund | None:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> RefundPreview | SettledRefund:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_refund_outcome_type_0 = RefundPreview.from_dict(data)

                return componentsschemas_refund_outcome_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            componentsschemas_refund_outcome_type_1 = SettledRefund.from_dict(data)

            return componentsschemas_refund_outcome_type_1

        response_200 = _parse_response_200(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = RefundAccepted.from_dict(response.json())

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
) -> Response[Problem | RefundAccepted | RefundPreview | SettledRefund]:
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
    body: RefundRequest,
    dry_run: bool | Unset = False,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Response[Problem | RefundAccepted | RefundPreview | SettledRefund]:
    """Request refund

     Give money back, any number of times, up to what was paid.

    It is done afterwards; `GET /orders/{order_id}/refunds` shows what became of it. The order and its
    shipment stay as
    they are. An answer 409 says what is left.

    Roles: operator, service.

    Args:
        order_id (UUID):
        dry_run (bool | Unset): Only say what it would mean; nothing is recorded. Default: False.
        idempotency_key (str):
        prefer (str | Unset):
        body (RefundRequest): Money to give back: an `amount`, or the prices that the order's
            `lines` were bought at; one of the two.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RefundAccepted | RefundPreview | SettledRefund]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        dry_run=dry_run,
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
    body: RefundRequest,
    dry_run: bool | Unset = False,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Problem | RefundAccepted | RefundPreview | SettledRefund | None:
    """Request refund

     Give money back, any number of times, up to what was paid.

    It is done afterwards; `GET /orders/{order_id}/refunds` shows what became of it. The order and its
    shipment stay as
    they are. An answer 409 says what is left.

    Roles: operator, service.

    Args:
        order_id (UUID):
        dry_run (bool | Unset): Only say what it would mean; nothing is recorded. Default: False.
        idempotency_key (str):
        prefer (str | Unset):
        body (RefundRequest): Money to give back: an `amount`, or the prices that the order's
            `lines` were bought at; one of the two.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RefundAccepted | RefundPreview | SettledRefund
    """

    return sync_detailed(
        order_id=order_id,
        client=client,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RefundRequest,
    dry_run: bool | Unset = False,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Response[Problem | RefundAccepted | RefundPreview | SettledRefund]:
    """Request refund

     Give money back, any number of times, up to what was paid.

    It is done afterwards; `GET /orders/{order_id}/refunds` shows what became of it. The order and its
    shipment stay as
    they are. An answer 409 says what is left.

    Roles: operator, service.

    Args:
        order_id (UUID):
        dry_run (bool | Unset): Only say what it would mean; nothing is recorded. Default: False.
        idempotency_key (str):
        prefer (str | Unset):
        body (RefundRequest): Money to give back: an `amount`, or the prices that the order's
            `lines` were bought at; one of the two.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RefundAccepted | RefundPreview | SettledRefund]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
        prefer=prefer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RefundRequest,
    dry_run: bool | Unset = False,
    idempotency_key: str,
    prefer: str | Unset = UNSET,
) -> Problem | RefundAccepted | RefundPreview | SettledRefund | None:
    """Request refund

     Give money back, any number of times, up to what was paid.

    It is done afterwards; `GET /orders/{order_id}/refunds` shows what became of it. The order and its
    shipment stay as
    they are. An answer 409 says what is left.

    Roles: operator, service.

    Args:
        order_id (UUID):
        dry_run (bool | Unset): Only say what it would mean; nothing is recorded. Default: False.
        idempotency_key (str):
        prefer (str | Unset):
        body (RefundRequest): Money to give back: an `amount`, or the prices that the order's
            `lines` were bought at; one of the two.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RefundAccepted | RefundPreview | SettledRefund
    """

    return (
        await asyncio_detailed(
            order_id=order_id,
            client=client,
            body=body,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
            prefer=prefer,
        )
    ).parsed
