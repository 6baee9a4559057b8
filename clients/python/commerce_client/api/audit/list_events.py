import datetime
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.logged_item_page import LoggedItemPage
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    after: int | Unset = 0,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    newest_first: bool | Unset = False,
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

    params["after"] = after

    json_topic: None | str | Unset
    if isinstance(topic, Unset):
        json_topic = UNSET
    else:
        json_topic = topic
    params["topic"] = json_topic

    json_correlation_id: None | str | Unset
    if isinstance(correlation_id, Unset):
        json_correlation_id = UNSET
    elif isinstance(correlation_id, UUID):
        json_correlation_id = str(correlation_id)
    else:
        json_correlation_id = correlation_id
    params["correlation_id"] = json_correlation_id

    json_stream_id: None | str | Unset
    if isinstance(stream_id, Unset):
        json_stream_id = UNSET
    elif isinstance(stream_id, UUID):
        json_stream_id = str(stream_id)
    else:
        json_stream_id = stream_id
    params["stream_id"] = json_stream_id

    json_actor: None | str | Unset
    if isinstance(actor, Unset):
        json_actor = UNSET
    else:
        json_actor = actor
    params["actor"] = json_actor

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    elif isinstance(from_, datetime.datetime):
        json_from_ = from_.isoformat()
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_to: None | str | Unset
    if isinstance(to, Unset):
        json_to = UNSET
    elif isinstance(to, datetime.datetime):
        json_to = to.isoformat()
    else:
        json_to = to
    params["to"] = json_to

    params["newest_first"] = newest_first

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
        "url": "/api/v1/audit/events",
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
    *,
    client: AuthenticatedClient,
    after: int | Unset = 0,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    newest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | LoggedItemPage | Problem]:
    """List events

     Read the log, oldest first, or `newest_first`.

    A page searches only a part of the log: it may have fewer items than `limit`, or none, and still a
    `next_cursor`.
    Operators see only their own access to personal data. Filters that no event can match together are
    rejected. With
    `Accept: application/x-ndjson` all events come, one on each line.

    Roles: auditor, operator.

    Args:
        after (int | Unset): Only beyond this position. Default: 0.
        topic (None | str | Unset): Only events of this kind.
        correlation_id (None | Unset | UUID): Only events about this order.
        stream_id (None | Unset | UUID):
        actor (None | str | Unset): Only what this one did.
        from_ (datetime.datetime | None | Unset): Only what was recorded then or later.
        to (datetime.datetime | None | Unset): Only what was recorded by the end of then.
        newest_first (bool | Unset): From the end of the log backwards; not with `after`. Default:
            False.
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
        after=after,
        topic=topic,
        correlation_id=correlation_id,
        stream_id=stream_id,
        actor=actor,
        from_=from_,
        to=to,
        newest_first=newest_first,
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
    after: int | Unset = 0,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    newest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | LoggedItemPage | Problem | None:
    """List events

     Read the log, oldest first, or `newest_first`.

    A page searches only a part of the log: it may have fewer items than `limit`, or none, and still a
    `next_cursor`.
    Operators see only their own access to personal data. Filters that no event can match together are
    rejected. With
    `Accept: application/x-ndjson` all events come, one on each line.

    Roles: auditor, operator.

    Args:
        after (int | Unset): Only beyond this position. Default: 0.
        topic (None | str | Unset): Only events of this kind.
        correlation_id (None | Unset | UUID): Only events about this order.
        stream_id (None | Unset | UUID):
        actor (None | str | Unset): Only what this one did.
        from_ (datetime.datetime | None | Unset): Only what was recorded then or later.
        to (datetime.datetime | None | Unset): Only what was recorded by the end of then.
        newest_first (bool | Unset): From the end of the log backwards; not with `after`. Default:
            False.
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
        client=client,
        after=after,
        topic=topic,
        correlation_id=correlation_id,
        stream_id=stream_id,
        actor=actor,
        from_=from_,
        to=to,
        newest_first=newest_first,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        accept_language=accept_language,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    after: int | Unset = 0,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    newest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | LoggedItemPage | Problem]:
    """List events

     Read the log, oldest first, or `newest_first`.

    A page searches only a part of the log: it may have fewer items than `limit`, or none, and still a
    `next_cursor`.
    Operators see only their own access to personal data. Filters that no event can match together are
    rejected. With
    `Accept: application/x-ndjson` all events come, one on each line.

    Roles: auditor, operator.

    Args:
        after (int | Unset): Only beyond this position. Default: 0.
        topic (None | str | Unset): Only events of this kind.
        correlation_id (None | Unset | UUID): Only events about this order.
        stream_id (None | Unset | UUID):
        actor (None | str | Unset): Only what this one did.
        from_ (datetime.datetime | None | Unset): Only what was recorded then or later.
        to (datetime.datetime | None | Unset): Only what was recorded by the end of then.
        newest_first (bool | Unset): From the end of the log backwards; not with `after`. Default:
            False.
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
        after=after,
        topic=topic,
        correlation_id=correlation_id,
        stream_id=stream_id,
        actor=actor,
        from_=from_,
        to=to,
        newest_first=newest_first,
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
    after: int | Unset = 0,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    newest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    accept_language: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | LoggedItemPage | Problem | None:
    """List events

     Read the log, oldest first, or `newest_first`.

    A page searches only a part of the log: it may have fewer items than `limit`, or none, and still a
    `next_cursor`.
    Operators see only their own access to personal data. Filters that no event can match together are
    rejected. With
    `Accept: application/x-ndjson` all events come, one on each line.

    Roles: auditor, operator.

    Args:
        after (int | Unset): Only beyond this position. Default: 0.
        topic (None | str | Unset): Only events of this kind.
        correlation_id (None | Unset | UUID): Only events about this order.
        stream_id (None | Unset | UUID):
        actor (None | str | Unset): Only what this one did.
        from_ (datetime.datetime | None | Unset): Only what was recorded then or later.
        to (datetime.datetime | None | Unset): Only what was recorded by the end of then.
        newest_first (bool | Unset): From the end of the log backwards; not with `after`. Default:
            False.
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
            client=client,
            after=after,
            topic=topic,
            correlation_id=correlation_id,
            stream_id=stream_id,
            actor=actor,
            from_=from_,
            to=to,
            newest_first=newest_first,
            cursor=cursor,
            limit=limit,
            commerce_position=commerce_position,
            accept_language=accept_language,
            if_none_match=if_none_match,
        )
    ).parsed
