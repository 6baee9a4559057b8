from http import HTTPStatus
from typing import Any, cast

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.case_page import CasePage
from ...models.list_cases_kind_type_0 import ListCasesKindType0
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    kind: ListCasesKindType0 | None | Unset = UNSET,
    owner: None | str | Unset = UNSET,
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

    json_kind: None | str | Unset
    if isinstance(kind, Unset):
        json_kind = UNSET
    elif isinstance(kind, ListCasesKindType0):
        json_kind = kind.value
    else:
        json_kind = kind
    params["kind"] = json_kind

    json_owner: None | str | Unset
    if isinstance(owner, Unset):
        json_owner = UNSET
    else:
        json_owner = owner
    params["owner"] = json_owner

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
        "url": "/api/v1/ops/cases",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | CasePage | Problem | None:
    if response.status_code == 200:
        response_200 = CasePage.from_dict(response.json())

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
) -> Response[Any | CasePage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    kind: ListCasesKindType0 | None | Unset = UNSET,
    owner: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | CasePage | Problem]:
    """List cases

     List the orders about which a person has to decide something: what, since when, and what may be
    done.

    Roles: auditor, operator.

    Args:
        kind (ListCasesKindType0 | None | Unset): Only those with an open case of this kind.
        owner (None | str | Unset): Only this owner's; empty: nobody's.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | CasePage | Problem]
    """

    kwargs = _get_kwargs(
        kind=kind,
        owner=owner,
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
    kind: ListCasesKindType0 | None | Unset = UNSET,
    owner: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | CasePage | Problem | None:
    """List cases

     List the orders about which a person has to decide something: what, since when, and what may be
    done.

    Roles: auditor, operator.

    Args:
        kind (ListCasesKindType0 | None | Unset): Only those with an open case of this kind.
        owner (None | str | Unset): Only this owner's; empty: nobody's.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | CasePage | Problem
    """

    return sync_detailed(
        client=client,
        kind=kind,
        owner=owner,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        accept_language=accept_language,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    kind: ListCasesKindType0 | None | Unset = UNSET,
    owner: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | CasePage | Problem]:
    """List cases

     List the orders about which a person has to decide something: what, since when, and what may be
    done.

    Roles: auditor, operator.

    Args:
        kind (ListCasesKindType0 | None | Unset): Only those with an open case of this kind.
        owner (None | str | Unset): Only this owner's; empty: nobody's.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | CasePage | Problem]
    """

    kwargs = _get_kwargs(
        kind=kind,
        owner=owner,
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
    kind: ListCasesKindType0 | None | Unset = UNSET,
    owner: None | str | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | CasePage | Problem | None:
    """List cases

     List the orders about which a person has to decide something: what, since when, and what may be
    done.

    Roles: auditor, operator.

    Args:
        kind (ListCasesKindType0 | None | Unset): Only those with an open case of this kind.
        owner (None | str | Unset): Only this owner's; empty: nobody's.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        accept_language (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | CasePage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            kind=kind,
            owner=owner,
            cursor=cursor,
            limit=limit,
            commerce_position=commerce_position,
            accept_language=accept_language,
            if_none_match=if_none_match,
        )
    ).parsed
