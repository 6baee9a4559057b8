from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.parked_correction import ParkedCorrection
from ...models.parked_decided import ParkedDecided
from ...models.parked_handled import ParkedHandled
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    group: str,
    *,
    body: ParkedCorrection,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/ops/parked/{group}/edit".format(
            group=quote(str(group), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ParkedDecided | ParkedHandled | Problem | None:
    if response.status_code == 200:
        response_200 = ParkedHandled.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = ParkedDecided.from_dict(response.json())

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
) -> Response[ParkedDecided | ParkedHandled | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    group: str,
    *,
    client: AuthenticatedClient,
    body: ParkedCorrection,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> Response[ParkedDecided | ParkedHandled | Problem]:
    """Edit parked

     Have a subscription read events with other fields. They stay in the log as they are; a rebuild reads
    them alike.

    A field that is sealed stays as it was.

    Roles: operator.

    Args:
        group (str): As `GET /ops/parked` names it.
        idempotency_key (str | Unset):
        prefer (str | Unset):
        body (ParkedCorrection): What the events are to say instead.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ParkedDecided | ParkedHandled | Problem]
    """

    kwargs = _get_kwargs(
        group=group,
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    group: str,
    *,
    client: AuthenticatedClient,
    body: ParkedCorrection,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> ParkedDecided | ParkedHandled | Problem | None:
    """Edit parked

     Have a subscription read events with other fields. They stay in the log as they are; a rebuild reads
    them alike.

    A field that is sealed stays as it was.

    Roles: operator.

    Args:
        group (str): As `GET /ops/parked` names it.
        idempotency_key (str | Unset):
        prefer (str | Unset):
        body (ParkedCorrection): What the events are to say instead.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ParkedDecided | ParkedHandled | Problem
    """

    return sync_detailed(
        group=group,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    group: str,
    *,
    client: AuthenticatedClient,
    body: ParkedCorrection,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> Response[ParkedDecided | ParkedHandled | Problem]:
    """Edit parked

     Have a subscription read events with other fields. They stay in the log as they are; a rebuild reads
    them alike.

    A field that is sealed stays as it was.

    Roles: operator.

    Args:
        group (str): As `GET /ops/parked` names it.
        idempotency_key (str | Unset):
        prefer (str | Unset):
        body (ParkedCorrection): What the events are to say instead.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ParkedDecided | ParkedHandled | Problem]
    """

    kwargs = _get_kwargs(
        group=group,
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    group: str,
    *,
    client: AuthenticatedClient,
    body: ParkedCorrection,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> ParkedDecided | ParkedHandled | Problem | None:
    """Edit parked

     Have a subscription read events with other fields. They stay in the log as they are; a rebuild reads
    them alike.

    A field that is sealed stays as it was.

    Roles: operator.

    Args:
        group (str): As `GET /ops/parked` names it.
        idempotency_key (str | Unset):
        prefer (str | Unset):
        body (ParkedCorrection): What the events are to say instead.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ParkedDecided | ParkedHandled | Problem
    """

    return (
        await asyncio_detailed(
            group=group,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
            prefer=prefer,
        )
    ).parsed
