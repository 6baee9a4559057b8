from http import HTTPStatus
from typing import Any, cast

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.process_page import ProcessPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    overdue: bool | Unset = False,
    definition: int | None | Unset = UNSET,
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

    params["overdue"] = overdue

    json_definition: int | None | Unset
    if isinstance(definition, Unset):
        json_definition = UNSET
    else:
        json_definition = definition
    params["definition"] = json_definition

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
        "url": "/api/v1/ops/processes",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | Problem | ProcessPage | None:
    if response.status_code == 200:
        response_200 = ProcessPage.from_dict(response.json())

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
) -> Response[Any | Problem | ProcessPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    overdue: bool | Unset = False,
    definition: int | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Problem | ProcessPage]:
    """List processes

     List what orders wait for, the newest process first.

    Roles: auditor, operator.

    Args:
        overdue (bool | Unset): Only those that wait too long, or that need a person. Default:
            False.
        definition (int | None | Unset): Only orders that began with this version of the process.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | ProcessPage]
    """

    kwargs = _get_kwargs(
        overdue=overdue,
        definition=definition,
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
    *,
    client: AuthenticatedClient,
    overdue: bool | Unset = False,
    definition: int | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | Problem | ProcessPage | None:
    """List processes

     List what orders wait for, the newest process first.

    Roles: auditor, operator.

    Args:
        overdue (bool | Unset): Only those that wait too long, or that need a person. Default:
            False.
        definition (int | None | Unset): Only orders that began with this version of the process.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | ProcessPage
    """

    return sync_detailed(
        client=client,
        overdue=overdue,
        definition=definition,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        accept_language=accept_language,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    overdue: bool | Unset = False,
    definition: int | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Problem | ProcessPage]:
    """List processes

     List what orders wait for, the newest process first.

    Roles: auditor, operator.

    Args:
        overdue (bool | Unset): Only those that wait too long, or that need a person. Default:
            False.
        definition (int | None | Unset): Only orders that began with this version of the process.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | ProcessPage]
    """

    kwargs = _get_kwargs(
        overdue=overdue,
        definition=definition,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        accept_language=accept_language,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    overdue: bool | Unset = False,
    definition: int | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | Problem | ProcessPage | None:
    """List processes

     List what orders wait for, the newest process first.

    Roles: auditor, operator.

    Args:
        overdue (bool | Unset): Only those that wait too long, or that need a person. Default:
            False.
        definition (int | None | Unset): Only orders that began with this version of the process.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | ProcessPage
    """

    return (
        await asyncio_detailed(
            client=client,
            overdue=overdue,
            definition=definition,
            cursor=cursor,
            limit=limit,
            commerce_position=commerce_position,
            accept_language=accept_language,
            if_none_match=if_none_match,
        )
    ).parsed
