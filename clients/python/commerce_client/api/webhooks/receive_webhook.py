from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.provider_message import ProviderMessage
from ...models.webhook_receipt import WebhookReceipt
from ...types import Response


def _get_kwargs(
    provider: str,
    *,
    body: ProviderMessage,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/webhooks/{provider}".format(
            provider=quote(str(provider), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | WebhookReceipt | None:
    if response.status_code == 200:
        response_200 = WebhookReceipt.from_dict(response.json())

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

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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
) -> Response[Problem | WebhookReceipt]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    provider: str,
    *,
    client: AuthenticatedClient | Client,
    body: ProviderMessage,
) -> Response[Problem | WebhookReceipt]:
    """Receive webhook

     Take word of the payment provider: it is put on record and answered at once, and then the provider
    is asked.

    `provider` is `http` or `stripe`, as `COMMERCE_PROVIDER` says. A signature stands in place of a
    token, in
    `Stripe-Signature` or `Webhook-Signature`: `t=SECONDS,v1=HMAC`, where HMAC is that of SHA-256 over
    `SECONDS.BODY`
    with `COMMERCE_WEBHOOK_SECRET`, in hex, and is good for five minutes.

    Args:
        provider (str):
        body (ProviderMessage): Word of a payment provider, as Stripe and our own protocol have
            it; other fields are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WebhookReceipt]
    """

    kwargs = _get_kwargs(
        provider=provider,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    provider: str,
    *,
    client: AuthenticatedClient | Client,
    body: ProviderMessage,
) -> Problem | WebhookReceipt | None:
    """Receive webhook

     Take word of the payment provider: it is put on record and answered at once, and then the provider
    is asked.

    `provider` is `http` or `stripe`, as `COMMERCE_PROVIDER` says. A signature stands in place of a
    token, in
    `Stripe-Signature` or `Webhook-Signature`: `t=SECONDS,v1=HMAC`, where HMAC is that of SHA-256 over
    `SECONDS.BODY`
    with `COMMERCE_WEBHOOK_SECRET`, in hex, and is good for five minutes.

    Args:
        provider (str):
        body (ProviderMessage): Word of a payment provider, as Stripe and our own protocol have
            it; other fields are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WebhookReceipt
    """

    return sync_detailed(
        provider=provider,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    provider: str,
    *,
    client: AuthenticatedClient | Client,
    body: ProviderMessage,
) -> Response[Problem | WebhookReceipt]:
    """Receive webhook

     Take word of the payment provider: it is put on record and answered at once, and then the provider
    is asked.

    `provider` is `http` or `stripe`, as `COMMERCE_PROVIDER` says. A signature stands in place of a
    token, in
    `Stripe-Signature` or `Webhook-Signature`: `t=SECONDS,v1=HMAC`, where HMAC is that of SHA-256 over
    `SECONDS.BODY`
    with `COMMERCE_WEBHOOK_SECRET`, in hex, and is good for five minutes.

    Args:
        provider (str):
        body (ProviderMessage): Word of a payment provider, as Stripe and our own protocol have
            it; other fields are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WebhookReceipt]
    """

    kwargs = _get_kwargs(
        provider=provider,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    provider: str,
    *,
    client: AuthenticatedClient | Client,
    body: ProviderMessage,
) -> Problem | WebhookReceipt | None:
    """Receive webhook

     Take word of the payment provider: it is put on record and answered at once, and then the provider
    is asked.

    `provider` is `http` or `stripe`, as `COMMERCE_PROVIDER` says. A signature stands in place of a
    token, in
    `Stripe-Signature` or `Webhook-Signature`: `t=SECONDS,v1=HMAC`, where HMAC is that of SHA-256 over
    `SECONDS.BODY`
    with `COMMERCE_WEBHOOK_SECRET`, in hex, and is good for five minutes.

    Args:
        provider (str):
        body (ProviderMessage): Word of a payment provider, as Stripe and our own protocol have
            it; other fields are not looked at.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WebhookReceipt
    """

    return (
        await asyncio_detailed(
            provider=provider,
            client=client,
            body=body,
        )
    ).parsed
