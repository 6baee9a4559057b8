from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(commerce_position, Unset):
        headers["Commerce-Position"] = commerce_position

    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    params: dict[str, Any] = {}

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

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/audit/events/live",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | str | None:
    if response.status_code == 200:
        response_200 = response.text
        return response_200

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Response[Problem | str]:
    """Follow log

     Hear of each event that is recorded: from now on, or after `Last-Event-ID`.

    It goes on there without gap or repetition. Each event's `data` says what kind of event stands
    where, who did it and
    what it is about, and nothing of what it says: `GET /audit/events` shows that, and records who saw
    it.

    Roles: auditor, operator.

    Args:
        topic (None | str | Unset): Only events of this kind.
        correlation_id (None | Unset | UUID): Only events about this order.
        stream_id (None | Unset | UUID):
        actor (None | str | Unset): Only what this one did.
        commerce_position (str | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | str]
    """

    kwargs = _get_kwargs(
        topic=topic,
        correlation_id=correlation_id,
        stream_id=stream_id,
        actor=actor,
        commerce_position=commerce_position,
        last_event_id=last_event_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Problem | str | None:
    """Follow log

     Hear of each event that is recorded: from now on, or after `Last-Event-ID`.

    It goes on there without gap or repetition. Each event's `data` says what kind of event stands
    where, who did it and
    what it is about, and nothing of what it says: `GET /audit/events` shows that, and records who saw
    it.

    Roles: auditor, operator.

    Args:
        topic (None | str | Unset): Only events of this kind.
        correlation_id (None | Unset | UUID): Only events about this order.
        stream_id (None | Unset | UUID):
        actor (None | str | Unset): Only what this one did.
        commerce_position (str | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | str
    """

    return sync_detailed(
        client=client,
        topic=topic,
        correlation_id=correlation_id,
        stream_id=stream_id,
        actor=actor,
        commerce_position=commerce_position,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Response[Problem | str]:
    """Follow log

     Hear of each event that is recorded: from now on, or after `Last-Event-ID`.

    It goes on there without gap or repetition. Each event's `data` says what kind of event stands
    where, who did it and
    what it is about, and nothing of what it says: `GET /audit/events` shows that, and records who saw
    it.

    Roles: auditor, operator.

    Args:
        topic (None | str | Unset): Only events of this kind.
        correlation_id (None | Unset | UUID): Only events about this order.
        stream_id (None | Unset | UUID):
        actor (None | str | Unset): Only what this one did.
        commerce_position (str | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | str]
    """

    kwargs = _get_kwargs(
        topic=topic,
        correlation_id=correlation_id,
        stream_id=stream_id,
        actor=actor,
        commerce_position=commerce_position,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    topic: None | str | Unset = UNSET,
    correlation_id: None | Unset | UUID = UNSET,
    stream_id: None | Unset | UUID = UNSET,
    actor: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Problem | str | None:
    """Follow log

     Hear of each event that is recorded: from now on, or after `Last-Event-ID`.

    It goes on there without gap or repetition. Each event's `data` says what kind of event stands
    where, who did it and
    what it is about, and nothing of what it says: `GET /audit/events` shows that, and records who saw
    it.

    Roles: auditor, operator.

    Args:
        topic (None | str | Unset): Only events of this kind.
        correlation_id (None | Unset | UUID): Only events about this order.
        stream_id (None | Unset | UUID):
        actor (None | str | Unset): Only what this one did.
        commerce_position (str | Unset):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | str
    """

    return (
        await asyncio_detailed(
            client=client,
            topic=topic,
            correlation_id=correlation_id,
            stream_id=stream_id,
            actor=actor,
            commerce_position=commerce_position,
            last_event_id=last_event_id,
        )
    ).parsed
