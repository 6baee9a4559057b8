from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.product_put import ProductPut
from ...models.put_product import PutProduct
from ...models.put_product_if_none_match import PutProductIfNoneMatch
from ...types import UNSET, Response, Unset


def _get_kwargs(
    sku: str,
    *,
    body: PutProduct,
    if_none_match: PutProductIfNoneMatch | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = str(if_none_match)

    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/products/{sku}".format(
            sku=quote(str(sku), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | ProductPut | None:
    if response.status_code == 200:
        response_200 = ProductPut.from_dict(response.json())

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
) -> Response[Problem | ProductPut]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    sku: str,
    *,
    client: AuthenticatedClient,
    body: PutProduct,
    if_none_match: PutProductIfNoneMatch | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[Problem | ProductPut]:
    """Put product

     Add a product, change its name, description or price, or put it on sale again.

    It can be ordered as soon as this is answered.

    Roles: operator.

    Args:
        sku (str): Case-sensitive, percent-encoded; é is the same in both its forms.
        if_none_match (PutProductIfNoneMatch | Unset):
        if_match (str | Unset):
        body (PutProduct): A product; one that is not `stocked` (postage, a fee) is never
            reserved.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ProductPut]
    """

    kwargs = _get_kwargs(
        sku=sku,
        body=body,
        if_none_match=if_none_match,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    sku: str,
    *,
    client: AuthenticatedClient,
    body: PutProduct,
    if_none_match: PutProductIfNoneMatch | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Problem | ProductPut | None:
    """Put product

     Add a product, change its name, description or price, or put it on sale again.

    It can be ordered as soon as this is answered.

    Roles: operator.

    Args:
        sku (str): Case-sensitive, percent-encoded; é is the same in both its forms.
        if_none_match (PutProductIfNoneMatch | Unset):
        if_match (str | Unset):
        body (PutProduct): A product; one that is not `stocked` (postage, a fee) is never
            reserved.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ProductPut
    """

    return sync_detailed(
        sku=sku,
        client=client,
        body=body,
        if_none_match=if_none_match,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    sku: str,
    *,
    client: AuthenticatedClient,
    body: PutProduct,
    if_none_match: PutProductIfNoneMatch | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[Problem | ProductPut]:
    """Put product

     Add a product, change its name, description or price, or put it on sale again.

    It can be ordered as soon as this is answered.

    Roles: operator.

    Args:
        sku (str): Case-sensitive, percent-encoded; é is the same in both its forms.
        if_none_match (PutProductIfNoneMatch | Unset):
        if_match (str | Unset):
        body (PutProduct): A product; one that is not `stocked` (postage, a fee) is never
            reserved.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ProductPut]
    """

    kwargs = _get_kwargs(
        sku=sku,
        body=body,
        if_none_match=if_none_match,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    sku: str,
    *,
    client: AuthenticatedClient,
    body: PutProduct,
    if_none_match: PutProductIfNoneMatch | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Problem | ProductPut | None:
    """Put product

     Add a product, change its name, description or price, or put it on sale again.

    It can be ordered as soon as this is answered.

    Roles: operator.

    Args:
        sku (str): Case-sensitive, percent-encoded; é is the same in both its forms.
        if_none_match (PutProductIfNoneMatch | Unset):
        if_match (str | Unset):
        body (PutProduct): A product; one that is not `stocked` (postage, a fee) is never
            reserved.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ProductPut
    """

    return (
        await asyncio_detailed(
            sku=sku,
            client=client,
            body=body,
            if_none_match=if_none_match,
            if_match=if_match,
        )
    ).parsed
