"""What a started system says to the person in front of it."""

from __future__ import annotations

import json
import shlex
import uuid

from commerce.audit.token_issue import issue_recorded
from commerce.cli.system.sample_products import CATALOGUE, load_catalogue
from commerce.cli.system.supervisor import Say
from commerce.runtime.settings import Settings

_ORDER = {
    "currency": "EUR",
    "lines": [{"sku": CATALOGUE[0].sku, "quantity": 2}, {"sku": CATALOGUE[3].sku, "quantity": 1}],
    "shipping_address": {
        "name": "Ada Example",
        "line1": "1 Sample Street",
        "city": "Berlin",
        "postcode": "10115",
        "country": "DE",
    },
}
_TO_PASTE = {
    "http": [
        "Three lines to paste, each by itself: place an order and wait for its end; list the orders; and see what the",
        "payment provider was told:",
    ],
    "stripe": [
        "Two lines to paste, each by itself: place an order and wait for its end; and list the orders. Stripe shows",
        "the payments at https://dashboard.stripe.com/test/payments:",
    ],
}
_PAYMENT_METHOD = {"http": "pm_card_ok", "stripe": "pm_card_visa"}
"""One that succeeds: at the simulated provider, and in Stripe's test mode."""


def greet(settings: Settings, api_url: str, say: Say) -> None:
    """Load the catalogue where it is missing, then print addresses, a token and three commands to try.

    Where the command line makes no tokens, print the addresses alone.
    """
    if settings.break_glass_tokens == "off":
        for line in (*_addresses(settings, api_url), "", "COMMERCE_BREAK_GLASS_TOKENS is off: no token, no catalogue."):
            say(line)
        return
    token = issue_recorded(settings, "operator", "operator", "up")
    added = load_catalogue(api_url, token)
    say(f"catalogue: {added} products added with their stock" if added else "catalogue: already there")
    login = f"{api_url}/console/login#token={token}"
    for line in (
        "",
        *_addresses(settings, api_url),
        "",
        *_commands(settings, api_url, token),
        "",
        "the console, logged in for an hour:",
        "",
        login,
        "",
        "Ctrl-C ends everything.",
    ):
        say(line)


def _addresses(settings: Settings, api_url: str) -> list[str]:
    return [
        f"console        {api_url}/console",
        f"API            {api_url}/docs",
        f"provider       {_provider(settings)}",
        f"carrier        {settings.carrier_url}",
        f"everything     {settings.run_file}",
    ]


def _provider(settings: Settings) -> str | None:
    if settings.provider == "stripe":
        return f"Stripe in test mode, {settings.stripe_api_base}"
    return settings.provider_url


def _commands(settings: Settings, api_url: str, token: str) -> list[str]:
    orders = f"{api_url}/api/v1/orders"
    authorized = _header("Authorization", f"Bearer {token}")
    place = ["-X", "POST", orders, *_header("Idempotency-Key", str(uuid.uuid4())), *_header("Prefer", "wait=30")]
    order = _ORDER | {"payment_method": _PAYMENT_METHOD[settings.provider]}
    body = [*_header("Content-Type", "application/json"), "-d", json.dumps(order)]
    return [
        "a token of an operator, good for one hour:",
        "",
        f"TOKEN={token}",
        "",
        *_TO_PASTE[settings.provider],
        "",
        shlex.join(["curl", "-sS", *place, *body, *authorized]),
        shlex.join(["curl", "-sS", orders, *authorized]),
        *([shlex.join(["curl", "-sS", f"{settings.provider_url}/ledger"])] if settings.provider == "http" else []),
    ]


def _header(name: str, value: str) -> list[str]:
    return ["-H", f"{name}: {value}"]
