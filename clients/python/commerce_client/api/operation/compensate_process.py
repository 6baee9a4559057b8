from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.give_up import GiveUp
from ...models.intervention_preview import InterventionPreview
from ...models.intervention_recorded import InterventionRecorded
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    order_id: UUID,
    *,
    body: GiveUp,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    if not isinstance(accept_language, Unset):
        headers["Accept-Language"] = accept_language

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/ops/processes/{order_id}/compensate".format(
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
) -> InterventionPreview | InterventionRecorded | Problem | None:
    if response.status_code == 200:
        response_200 = InterventionPreview.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = InterventionRecorded.from_dict(response.json())

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
) -> Response[InterventionPreview | InterventionRecorded | Problem]:
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
    body: GiveUp,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
) -> Response[InterventionPreview | InterventionRecorded | Problem]:
    """Compensate process

     Give up an order that is not confirmed yet: what was done is undone, and it ends rejected
    (`given_up`).

    Roles: operator.

    Args:
        order_id (UUID):
        dry_run (bool | Unset): Only say what would be recorded and asked. Default: False.
        idempotency_key (str | Unset):
        if_match (str | Unset):
        prefer (str | Unset):
        accept_language (str | Unset):
        body (GiveUp): Why an operator gives an order up.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[InterventionPreview | InterventionRecorded | Problem]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
        if_match=if_match,
        prefer=prefer,
        accept_language=accept_language,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: GiveUp,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
) -> InterventionPreview | InterventionRecorded | Problem | None:
    """Compensate process

     Give up an order that is not confirmed yet: what was done is undone, and it ends rejected
    (`given_up`).

    Roles: operator.

    Args:
        order_id (UUID):
        dry_run (bool | Unset): Only say what would be recorded and asked. Default: False.
        idempotency_key (str | Unset):
        if_match (str | Unset):
        prefer (str | Unset):
        accept_language (str | Unset):
        body (GiveUp): Why an operator gives an order up.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        InterventionPreview | InterventionRecorded | Problem
    """

    return sync_detailed(
        order_id=order_id,
        client=client,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
        if_match=if_match,
        prefer=prefer,
        accept_language=accept_language,
    ).parsed


async def asyncio_detailed(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: GiveUp,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
) -> Response[InterventionPreview | InterventionRecorded | Problem]:
    """Compensate process

     Give up an order that is not confirmed yet: what was done is undone, and it ends rejected
    (`given_up`).

    Roles: operator.

    Args:
        order_id (UUID):
        dry_run (bool | Unset): Only say what would be recorded and asked. Default: False.
        idempotency_key (str | Unset):
        if_match (str | Unset):
        prefer (str | Unset):
        accept_language (str | Unset):
        body (GiveUp): Why an operator gives an order up.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[InterventionPreview | InterventionRecorded | Problem]
    """

    kwargs = _get_kwargs(
        order_id=order_id,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
        if_match=if_match,
        prefer=prefer,
        accept_language=accept_language,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    order_id: UUID,
    *,
    client: AuthenticatedClient,
    body: GiveUp,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
    if_match: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
) -> InterventionPreview | InterventionRecorded | Problem | None:
    """Compensate process

     Give up an order that is not confirmed yet: what was done is undone, and it ends rejected
    (`given_up`).

    Roles: operator.

    Args:
        order_id (UUID):
        dry_run (bool | Unset): Only say what would be recorded and asked. Default: False.
        idempotency_key (str | Unset):
        if_match (str | Unset):
        prefer (str | Unset):
        accept_language (str | Unset):
        body (GiveUp): Why an operator gives an order up.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        InterventionPreview | InterventionRecorded | Problem
    """

    return (
        await asyncio_detailed(
            order_id=order_id,
            client=client,
            body=body,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
            if_match=if_match,
            prefer=prefer,
            accept_language=accept_language,
        )
    ).parsed
