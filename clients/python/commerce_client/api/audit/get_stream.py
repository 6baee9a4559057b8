from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.logged_item_page import LoggedItemPage
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    stream_id: UUID,
    *,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(commerce_position, Unset):
        headers["Commerce-Position"] = commerce_position

    if not isinstance(accept_language, Unset):
        headers["Accept-Language"] = accept_language

    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    params: dict[str, Any] = {}

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/audit/streams/{stream_id}".format(
            stream_id=quote(str(stream_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | LoggedItemPage | Problem | None:
    if response.status_code == 200:
        response_200 = LoggedItemPage.from_dict(response.json())

        return response_200

    if response.status_code == 304:
        response_304 = cast(Any, None)
        return response_304

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
) -> Response[Any | LoggedItemPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    stream_id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | LoggedItemPage | Problem]:
    """Get stream

     Read one stream, oldest first: an order, stock item, payment, shipment, product or process.

    Roles: auditor, operator.

    Args:
        stream_id (UUID):
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | LoggedItemPage | Problem]
    """

    kwargs = _get_kwargs(
        stream_id=stream_id,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        accept_language=accept_language,
        if_none_match=if_none_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    stream_id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | LoggedItemPage | Problem | None:
    """Get stream

     Read one stream, oldest first: an order, stock item, payment, shipment, product or process.

    Roles: auditor, operator.

    Args:
        stream_id (UUID):
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | LoggedItemPage | Problem
    """

    return sync_detailed(
        stream_id=stream_id,
        client=client,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        accept_language=accept_language,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    stream_id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | LoggedItemPage | Problem]:
    """Get stream

     Read one stream, oldest first: an order, stock item, payment, shipment, product or process.

    Roles: auditor, operator.

    Args:
        stream_id (UUID):
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | LoggedItemPage | Problem]
    """

    kwargs = _get_kwargs(
        stream_id=stream_id,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        accept_language=accept_language,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    stream_id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | LoggedItemPage | Problem | None:
    """Get stream

     Read one stream, oldest first: an order, stock item, payment, shipment, product or process.

    Roles: auditor, operator.

    Args:
        stream_id (UUID):
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | LoggedItemPage | Problem
    """

    return (
        await asyncio_detailed(
            stream_id=stream_id,
            client=client,
            cursor=cursor,
            limit=limit,
            commerce_position=commerce_position,
            accept_language=accept_language,
            if_none_match=if_none_match,
        )
    ).parsed
