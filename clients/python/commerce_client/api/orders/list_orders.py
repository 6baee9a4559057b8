import datetime
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.order_page import OrderPage
from ...models.order_status import OrderStatus
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    customer_id: None | Unset | UUID = UNSET,
    status: list[OrderStatus] | None | Unset = UNSET,
    oldest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    q: None | str | Unset = UNSET,
    number: None | str | Unset = UNSET,
    reference: None | str | Unset = UNSET,
    email: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    sku: None | str | Unset = UNSET,
    tracking_number: None | str | Unset = UNSET,
    placed_from: datetime.datetime | None | Unset = UNSET,
    placed_to: datetime.datetime | None | Unset = UNSET,
    changed_since: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(commerce_position, Unset):
        headers["Commerce-Position"] = commerce_position

    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    params: dict[str, Any] = {}

    json_customer_id: None | str | Unset
    if isinstance(customer_id, Unset):
        json_customer_id = UNSET
    elif isinstance(customer_id, UUID):
        json_customer_id = str(customer_id)
    else:
        json_customer_id = customer_id
    params["customer_id"] = json_customer_id

    json_status: list[str] | None | Unset
    if isinstance(status, Unset):
        json_status = UNSET
    elif isinstance(status, list):
        json_status = []
        for status_type_0_item_data in status:
            status_type_0_item = status_type_0_item_data.value
            json_status.append(status_type_0_item)

    else:
        json_status = status
    params["status"] = json_status

    params["oldest_first"] = oldest_first

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    params["limit"] = limit

    json_q: None | str | Unset
    if isinstance(q, Unset):
        json_q = UNSET
    else:
        json_q = q
    params["q"] = json_q

    json_number: None | str | Unset
    if isinstance(number, Unset):
        json_number = UNSET
    else:
        json_number = number
    params["number"] = json_number

    json_reference: None | str | Unset
    if isinstance(reference, Unset):
        json_reference = UNSET
    else:
        json_reference = reference
    params["reference"] = json_reference

    json_email: None | str | Unset
    if isinstance(email, Unset):
        json_email = UNSET
    else:
        json_email = email
    params["email"] = json_email

    json_name: None | str | Unset
    if isinstance(name, Unset):
        json_name = UNSET
    else:
        json_name = name
    params["name"] = json_name

    json_sku: None | str | Unset
    if isinstance(sku, Unset):
        json_sku = UNSET
    else:
        json_sku = sku
    params["sku"] = json_sku

    json_tracking_number: None | str | Unset
    if isinstance(tracking_number, Unset):
        json_tracking_number = UNSET
    else:
        json_tracking_number = tracking_number
    params["tracking_number"] = json_tracking_number

    json_placed_from: None | str | Unset
    if isinstance(placed_from, Unset):
        json_placed_from = UNSET
    elif isinstance(placed_from, datetime.datetime):
        json_placed_from = placed_from.isoformat()
    else:
        json_placed_from = placed_from
    params["placed_from"] = json_placed_from

    json_placed_to: None | str | Unset
    if isinstance(placed_to, Unset):
        json_placed_to = UNSET
    elif isinstance(placed_to, datetime.datetime):
        json_placed_to = placed_to.isoformat()
    else:
        json_placed_to = placed_to
    params["placed_to"] = json_placed_to

    json_changed_since: None | str | Unset
    if isinstance(changed_since, Unset):
        json_changed_since = UNSET
    else:
        json_changed_since = changed_since
    params["changed_since"] = json_changed_since

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/orders",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | OrderPage | Problem | None:
    if response.status_code == 200:
        response_200 = OrderPage.from_dict(response.json())

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
) -> Response[Any | OrderPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    customer_id: None | Unset | UUID = UNSET,
    status: list[OrderStatus] | None | Unset = UNSET,
    oldest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    q: None | str | Unset = UNSET,
    number: None | str | Unset = UNSET,
    reference: None | str | Unset = UNSET,
    email: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    sku: None | str | Unset = UNSET,
    tracking_number: None | str | Unset = UNSET,
    placed_from: datetime.datetime | None | Unset = UNSET,
    placed_to: datetime.datetime | None | Unset = UNSET,
    changed_since: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | OrderPage | Problem]:
    """List orders

     List orders, newest first or `oldest_first`, or find them; customers see and find their own only.

    What is given has to fit all together. A cursor goes on in the direction that it is of. With
    `changed_since` the
    header `Commerce-Position` says what to send as that the next time; of several pages, the first
    one's. With
    `Accept: application/x-ndjson` all orders come, oldest first, one on each line.

    Only what is their own: customer.

    Roles: auditor, customer, operator, service.

    Args:
        customer_id (None | Unset | UUID):
        status (list[OrderStatus] | None | Unset): Only those at this status, or at one of
            several.
        oldest_first (bool | Unset): Those that were placed first come first. Default: False.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        q (None | str | Unset): A number, id, reference, e-mail address or tracking number, or
            words of a name.
        number (None | str | Unset): The order's number.
        reference (None | str | Unset): The shop's own, exactly.
        email (None | str | Unset): Where mails about the order go, or its customer's; capitals do
            not matter.
        name (None | str | Unset): Words of the recipient's name, whole, in any order; capitals
            and accents do not matter.
        sku (None | str | Unset): A line of the order has it.
        tracking_number (None | str | Unset): The carrier's number of the shipment.
        placed_from (datetime.datetime | None | Unset): Placed at this time or later, or on this
            day in UTC.
        placed_to (datetime.datetime | None | Unset): Placed by the end of this time, or of this
            day in UTC.
        changed_since (None | str | Unset): Of one customer: something happened to it after this
            position, which is the header `Commerce-Position` of the answer before; at first `p1-0`.
        commerce_position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | OrderPage | Problem]
    """

    kwargs = _get_kwargs(
        customer_id=customer_id,
        status=status,
        oldest_first=oldest_first,
        cursor=cursor,
        limit=limit,
        q=q,
        number=number,
        reference=reference,
        email=email,
        name=name,
        sku=sku,
        tracking_number=tracking_number,
        placed_from=placed_from,
        placed_to=placed_to,
        changed_since=changed_since,
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
    customer_id: None | Unset | UUID = UNSET,
    status: list[OrderStatus] | None | Unset = UNSET,
    oldest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    q: None | str | Unset = UNSET,
    number: None | str | Unset = UNSET,
    reference: None | str | Unset = UNSET,
    email: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    sku: None | str | Unset = UNSET,
    tracking_number: None | str | Unset = UNSET,
    placed_from: datetime.datetime | None | Unset = UNSET,
    placed_to: datetime.datetime | None | Unset = UNSET,
    changed_since: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | OrderPage | Problem | None:
    """List orders

     List orders, newest first or `oldest_first`, or find them; customers see and find their own only.

    What is given has to fit all together. A cursor goes on in the direction that it is of. With
    `changed_since` the
    header `Commerce-Position` says what to send as that the next time; of several pages, the first
    one's. With
    `Accept: application/x-ndjson` all orders come, oldest first, one on each line.

    Only what is their own: customer.

    Roles: auditor, customer, operator, service.

    Args:
        customer_id (None | Unset | UUID):
        status (list[OrderStatus] | None | Unset): Only those at this status, or at one of
            several.
        oldest_first (bool | Unset): Those that were placed first come first. Default: False.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        q (None | str | Unset): A number, id, reference, e-mail address or tracking number, or
            words of a name.
        number (None | str | Unset): The order's number.
        reference (None | str | Unset): The shop's own, exactly.
        email (None | str | Unset): Where mails about the order go, or its customer's; capitals do
            not matter.
        name (None | str | Unset): Words of the recipient's name, whole, in any order; capitals
            and accents do not matter.
        sku (None | str | Unset): A line of the order has it.
        tracking_number (None | str | Unset): The carrier's number of the shipment.
        placed_from (datetime.datetime | None | Unset): Placed at this time or later, or on this
            day in UTC.
        placed_to (datetime.datetime | None | Unset): Placed by the end of this time, or of this
            day in UTC.
        changed_since (None | str | Unset): Of one customer: something happened to it after this
            position, which is the header `Commerce-Position` of the answer before; at first `p1-0`.
        commerce_position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | OrderPage | Problem
    """

    return sync_detailed(
        client=client,
        customer_id=customer_id,
        status=status,
        oldest_first=oldest_first,
        cursor=cursor,
        limit=limit,
        q=q,
        number=number,
        reference=reference,
        email=email,
        name=name,
        sku=sku,
        tracking_number=tracking_number,
        placed_from=placed_from,
        placed_to=placed_to,
        changed_since=changed_since,
        commerce_position=commerce_position,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    customer_id: None | Unset | UUID = UNSET,
    status: list[OrderStatus] | None | Unset = UNSET,
    oldest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    q: None | str | Unset = UNSET,
    number: None | str | Unset = UNSET,
    reference: None | str | Unset = UNSET,
    email: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    sku: None | str | Unset = UNSET,
    tracking_number: None | str | Unset = UNSET,
    placed_from: datetime.datetime | None | Unset = UNSET,
    placed_to: datetime.datetime | None | Unset = UNSET,
    changed_since: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | OrderPage | Problem]:
    """List orders

     List orders, newest first or `oldest_first`, or find them; customers see and find their own only.

    What is given has to fit all together. A cursor goes on in the direction that it is of. With
    `changed_since` the
    header `Commerce-Position` says what to send as that the next time; of several pages, the first
    one's. With
    `Accept: application/x-ndjson` all orders come, oldest first, one on each line.

    Only what is their own: customer.

    Roles: auditor, customer, operator, service.

    Args:
        customer_id (None | Unset | UUID):
        status (list[OrderStatus] | None | Unset): Only those at this status, or at one of
            several.
        oldest_first (bool | Unset): Those that were placed first come first. Default: False.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        q (None | str | Unset): A number, id, reference, e-mail address or tracking number, or
            words of a name.
        number (None | str | Unset): The order's number.
        reference (None | str | Unset): The shop's own, exactly.
        email (None | str | Unset): Where mails about the order go, or its customer's; capitals do
            not matter.
        name (None | str | Unset): Words of the recipient's name, whole, in any order; capitals
            and accents do not matter.
        sku (None | str | Unset): A line of the order has it.
        tracking_number (None | str | Unset): The carrier's number of the shipment.
        placed_from (datetime.datetime | None | Unset): Placed at this time or later, or on this
            day in UTC.
        placed_to (datetime.datetime | None | Unset): Placed by the end of this time, or of this
            day in UTC.
        changed_since (None | str | Unset): Of one customer: something happened to it after this
            position, which is the header `Commerce-Position` of the answer before; at first `p1-0`.
        commerce_position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | OrderPage | Problem]
    """

    kwargs = _get_kwargs(
        customer_id=customer_id,
        status=status,
        oldest_first=oldest_first,
        cursor=cursor,
        limit=limit,
        q=q,
        number=number,
        reference=reference,
        email=email,
        name=name,
        sku=sku,
        tracking_number=tracking_number,
        placed_from=placed_from,
        placed_to=placed_to,
        changed_since=changed_since,
        commerce_position=commerce_position,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    customer_id: None | Unset | UUID = UNSET,
    status: list[OrderStatus] | None | Unset = UNSET,
    oldest_first: bool | Unset = False,
    cursor: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    q: None | str | Unset = UNSET,
    number: None | str | Unset = UNSET,
    reference: None | str | Unset = UNSET,
    email: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    sku: None | str | Unset = UNSET,
    tracking_number: None | str | Unset = UNSET,
    placed_from: datetime.datetime | None | Unset = UNSET,
    placed_to: datetime.datetime | None | Unset = UNSET,
    changed_since: None | str | Unset = UNSET,
    commerce_position: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | OrderPage | Problem | None:
    """List orders

     List orders, newest first or `oldest_first`, or find them; customers see and find their own only.

    What is given has to fit all together. A cursor goes on in the direction that it is of. With
    `changed_since` the
    header `Commerce-Position` says what to send as that the next time; of several pages, the first
    one's. With
    `Accept: application/x-ndjson` all orders come, oldest first, one on each line.

    Only what is their own: customer.

    Roles: auditor, customer, operator, service.

    Args:
        customer_id (None | Unset | UUID):
        status (list[OrderStatus] | None | Unset): Only those at this status, or at one of
            several.
        oldest_first (bool | Unset): Those that were placed first come first. Default: False.
        cursor (None | str | Unset): `next_cursor` of the page before.
        limit (int | Unset): How many items at most. Default: 50.
        q (None | str | Unset): A number, id, reference, e-mail address or tracking number, or
            words of a name.
        number (None | str | Unset): The order's number.
        reference (None | str | Unset): The shop's own, exactly.
        email (None | str | Unset): Where mails about the order go, or its customer's; capitals do
            not matter.
        name (None | str | Unset): Words of the recipient's name, whole, in any order; capitals
            and accents do not matter.
        sku (None | str | Unset): A line of the order has it.
        tracking_number (None | str | Unset): The carrier's number of the shipment.
        placed_from (datetime.datetime | None | Unset): Placed at this time or later, or on this
            day in UTC.
        placed_to (datetime.datetime | None | Unset): Placed by the end of this time, or of this
            day in UTC.
        changed_since (None | str | Unset): Of one customer: something happened to it after this
            position, which is the header `Commerce-Position` of the answer before; at first `p1-0`.
        commerce_position (str | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | OrderPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            customer_id=customer_id,
            status=status,
            oldest_first=oldest_first,
            cursor=cursor,
            limit=limit,
            q=q,
            number=number,
            reference=reference,
            email=email,
            name=name,
            sku=sku,
            tracking_number=tracking_number,
            placed_from=placed_from,
            placed_to=placed_to,
            changed_since=changed_since,
            commerce_position=commerce_position,
            if_none_match=if_none_match,
        )
    ).parsed
