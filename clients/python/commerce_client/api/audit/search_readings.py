import datetime
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.reading_page import ReadingPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    actor: None | str | Unset = UNSET,
    customer_id: None | Unset | UUID = UNSET,
    order_id: None | Unset | UUID = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(commerce_position, Unset):
        headers["Commerce-Position"] = commerce_position

    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    params: dict[str, Any] = {}

    json_actor: None | str | Unset
    if isinstance(actor, Unset):
        json_actor = UNSET
    else:
        json_actor = actor
    params["actor"] = json_actor

    json_customer_id: None | str | Unset
    if isinstance(customer_id, Unset):
        json_customer_id = UNSET
    elif isinstance(customer_id, UUID):
        json_customer_id = str(customer_id)
    else:
        json_customer_id = customer_id
    params["customer_id"] = json_customer_id

    json_order_id: None | str | Unset
    if isinstance(order_id, Unset):
        json_order_id = UNSET
    elif isinstance(order_id, UUID):
        json_order_id = str(order_id)
    else:
        json_order_id = order_id
    params["order_id"] = json_order_id

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
        "url": "/api/v1/audit/readings",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | Problem | ReadingPage | None:
    if response.status_code == 200:
        response_200 = ReadingPage.from_dict(response.json())

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
) -> Response[Any | Problem | ReadingPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    actor: None | str | Unset = UNSET,
    customer_id: None | Unset | UUID = UNSET,
    order_id: None | Unset | UUID = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Problem | ReadingPage]:
    """Search readings

     See who looked at whose data, newest first; operators see only their own access.

    A page may have fewer items than `limit`, or none, and still a `next_cursor`.

    Only what is their own: operator.

    Roles: auditor, operator.

    Args:
        actor (None | str | Unset): Only looks of this one.
        customer_id (None | Unset | UUID): Only looks at this customer.
        order_id (None | Unset | UUID): Only looks at this order.
        from_ (datetime.datetime | None | Unset): Only what was recorded then or later.
        to (datetime.datetime | None | Unset): Only what was recorded by the end of then.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | ReadingPage]
    """

    kwargs = _get_kwargs(
        actor=actor,
        customer_id=customer_id,
        order_id=order_id,
        from_=from_,
        to=to,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        if_none_match=if_none_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    actor: None | str | Unset = UNSET,
    customer_id: None | Unset | UUID = UNSET,
    order_id: None | Unset | UUID = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | Problem | ReadingPage | None:
    """Search readings

     See who looked at whose data, newest first; operators see only their own access.

    A page may have fewer items than `limit`, or none, and still a `next_cursor`.

    Only what is their own: operator.

    Roles: auditor, operator.

    Args:
        actor (None | str | Unset): Only looks of this one.
        customer_id (None | Unset | UUID): Only looks at this customer.
        order_id (None | Unset | UUID): Only looks at this order.
        from_ (datetime.datetime | None | Unset): Only what was recorded then or later.
        to (datetime.datetime | None | Unset): Only what was recorded by the end of then.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | ReadingPage
    """

    return sync_detailed(
        client=client,
        actor=actor,
        customer_id=customer_id,
        order_id=order_id,
        from_=from_,
        to=to,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    actor: None | str | Unset = UNSET,
    customer_id: None | Unset | UUID = UNSET,
    order_id: None | Unset | UUID = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Problem | ReadingPage]:
    """Search readings

     See who looked at whose data, newest first; operators see only their own access.

    A page may have fewer items than `limit`, or none, and still a `next_cursor`.

    Only what is their own: operator.

    Roles: auditor, operator.

    Args:
        actor (None | str | Unset): Only looks of this one.
        customer_id (None | Unset | UUID): Only looks at this customer.
        order_id (None | Unset | UUID): Only looks at this order.
        from_ (datetime.datetime | None | Unset): Only what was recorded then or later.
        to (datetime.datetime | None | Unset): Only what was recorded by the end of then.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | ReadingPage]
    """

    kwargs = _get_kwargs(
        actor=actor,
        customer_id=customer_id,
        order_id=order_id,
        from_=from_,
        to=to,
        cursor=cursor,
        limit=limit,
        commerce_position=commerce_position,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    actor: None | str | Unset = UNSET,
    customer_id: None | Unset | UUID = UNSET,
    order_id: None | Unset | UUID = UNSET,
    from_: datetime.datetime | None | Unset = UNSET,
    to: datetime.datetime | None | Unset = UNSET,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | Problem | ReadingPage | None:
    """Search readings

     See who looked at whose data, newest first; operators see only their own access.

    A page may have fewer items than `limit`, or none, and still a `next_cursor`.

    Only what is their own: operator.

    Roles: auditor, operator.

    Args:
        actor (None | str | Unset): Only looks of this one.
        customer_id (None | Unset | UUID): Only looks at this customer.
        order_id (None | Unset | UUID): Only looks at this order.
        from_ (datetime.datetime | None | Unset): Only what was recorded then or later.
        to (datetime.datetime | None | Unset): Only what was recorded by the end of then.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        commerce_position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | ReadingPage
    """

    return (
        await asyncio_detailed(
            client=client,
            actor=actor,
            customer_id=customer_id,
            order_id=order_id,
            from_=from_,
            to=to,
            cursor=cursor,
            limit=limit,
            commerce_position=commerce_position,
            if_none_match=if_none_match,
        )
    ).parsed
