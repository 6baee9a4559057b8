"""What an operator can set, from `COMMERCE_…` variables, and where a running system says what it chose itself."""

from __future__ import annotations

import json
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from commerce.values.errors import BadUsage

MOST_CONCURRENT_COMMANDS = 1_000
"""Of one operation, in one process."""

_STRIPE_SECRET = re.compile(r"whsec_\S+")
_SECRET = re.compile(r"[!-~]{16,255}")
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9[][!#-;=?-\[\]_a-z~]{0,2000}")
_ORIGIN = re.compile(r"https?://([a-z0-9.-]{1,253}|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
_TEST_KEY = re.compile(r"(sk|rk)_test_\w+", re.ASCII)


def _any_path(value: object) -> object:
    """A path of whatever bytes the system allows; as text, pydantic would take those only that are UTF-8."""
    return Path(value) if isinstance(value, str) else value


_LONGEST_TIMEOUT_S = 366 * 24 * 3600
Requests = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""A number of requests; 0: any."""
Days = Annotated[int, Field(ge=0, le=36_500)]
"""A number of days; 0: for ever."""
Seconds = Annotated[int, Field(ge=1, le=_LONGEST_TIMEOUT_S)]
"""A limit in seconds, up to a year."""


class CallSettings(BaseModel):
    """How a party is called, as far as an operator sets it; `commerce.outside.policy` says what each means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout_s: float | None = Field(default=None, ge=0.1, le=20)
    attempts: int | None = Field(default=None, ge=1, le=20)
    retry_within_s: float | None = Field(default=None, ge=0, le=20)
    retry_pause_s: float | None = Field(default=None, ge=0.01, le=2)
    breaker_failures: int | None = Field(default=None, ge=1, le=1_000)
    breaker_window_s: int | None = Field(default=None, ge=1, le=600)
    breaker_pause_s: float | None = Field(default=None, ge=0.1, le=600)
    breaker_successes: int | None = Field(default=None, ge=1, le=100)
    concurrency: int | None = Field(default=None, ge=1, le=MOST_CONCURRENT_COMMANDS)


class ProviderCallSettings(CallSettings):
    """For the payment provider: for all operations, and for one alone."""

    authorize: CallSettings = CallSettings()
    capture: CallSettings = CallSettings()
    void: CallSettings = CallSettings()
    refund: CallSettings = CallSettings()


class CarrierCallSettings(CallSettings):
    """For the carrier: for both operations, and for one alone."""

    book: CallSettings = CallSettings()
    cancel: CallSettings = CallSettings()


class Settings(BaseSettings):
    """Settings of one process; an address that is unset is taken from `run.json` of the running system, if there
    is one."""

    model_config = SettingsConfigDict(env_prefix="COMMERCE_", env_nested_delimiter="__", frozen=True)

    home: Annotated[Path, BeforeValidator(_any_path)] = Path(".commerce")
    """Data of the embedded servers, keys, and `run.json`."""
    database_url: str | None = None
    """PostgreSQL as the application's role."""
    admin_database_url: str | None = None
    """PostgreSQL as the owner of the schema, for migrations."""
    broker_url: str | None = None
    """NATS servers, comma separated."""
    kms: Literal["file", "aws"] = "file"
    """What keeps new master keys: files as they are, or files that AWS KMS has wrapped."""
    kms_key: str | None = None
    """With AWS KMS: the id, ARN or alias of the key that wraps them."""
    kms_endpoint: str | None = None
    """Where KMS is, if not where AWS says."""
    api_host: str = "127.0.0.1"
    api_port: int = 8000
    together: bool = False
    """Whether `commerce up` runs one worker of each kind in one process."""
    api_streams: Annotated[int, Field(ge=0, le=4_000)] = 2_000
    """How many streams of events one API process has open at most."""
    import_bytes: Annotated[int, Field(ge=1024**2, le=1024**4)] = 1024**3
    """How many bytes one import may have."""
    break_glass_tokens: Literal["on", "off"] = "on"
    """Whether `commerce token`, and the commands that ask the API as an operator, make tokens, and the API takes
    them."""
    oidc_issuer: str | None = None
    """Whose tokens are accepted beside ours: the address of an OpenID Connect issuer."""
    oidc_audience: str | None = None
    """What that issuer's tokens for us say of whom they are for."""
    oidc_role_claim: str = "roles"
    """The claim of theirs that says what somebody may do: its name, or the path to it with dots."""
    oidc_roles: str = ""
    """Which value of that claim means which role, such as `shop-operators=operator`; comma separated, the first
    counts."""
    oidc_keys_s: Annotated[int, Field(ge=1, le=24 * 3600)] = 3600
    """After so many seconds the issuer's keys are read again."""
    oidc_unknown_key_pause_s: Annotated[int, Field(ge=1, le=24 * 3600)] = 60
    """For tokens whose key is not known they are read again at most once in so many seconds."""
    rate_limit_window_s: Annotated[int, Field(ge=1, le=24 * 3600)] = 15 * 60
    """The window in which requests are counted."""
    rate_limit_anonymous: Requests = 100
    """How many requests without a valid token an address may send to one group of routes."""
    rate_limit_customer: Requests = 1_000
    rate_limit_auditor: Requests = 10_000
    rate_limit_operator: Requests = 200_000
    rate_limit_service: Requests = 1_000_000
    """Likewise a subject of each role; 0: as many as they like."""
    rate_limit_webhooks: Requests = 10_000
    """Likewise an address that sends signed messages."""
    rate_limit_storage: str = Field(default="memory://", repr=False)
    """Where requests are counted: in each process by itself, or at an address that processes share."""
    trusted_proxies: str = ""
    """Addresses and networks of proxies that say whose request they pass on, comma separated."""
    cors_origins: str = ""
    """Origins whose pages may call the API in a browser, comma separated."""
    worker_port_base: int | None = Field(default=None, ge=1, le=64_000)
    """Where the workers' health and metrics are: from this port on, each at its own, the same after each start."""
    provider: Literal["http", "stripe"] = "http"
    """How the payment provider is spoken to: by our documented protocol, or Stripe by its own."""
    provider_url: str | None = None
    """The payment provider's HTTP address."""
    stripe_api_key: str | None = Field(default=None, repr=False)
    stripe_api_base: str = "https://api.stripe.com"
    """Where Stripe is; somewhere else in tests only."""
    webhook_secret: str | None = Field(default=None, repr=False)
    """What the payment provider signs its messages with."""
    webhook_allow_private: bool = False
    """Whether webhooks are sent to inner addresses, and by plain HTTP, too."""
    webhook_url: str | None = None
    """Where the simulated provider sends its messages."""
    simulated_hold_s: Seconds = 7 * 24 * 3600
    """After so many seconds the simulated provider lets go of what it set aside and nobody took."""
    simulated_webhooks: Literal["never", "on_time", "late", "twice", "shuffled"] = "never"
    """When the simulated provider sends them."""
    carrier_url: str | None = None
    """The carrier's HTTP address."""
    order_timeout_s: Seconds = 15 * 60
    """From placed to confirmed; after that an order is undone (`timed_out`)."""
    stock_timeout_s: Seconds | None = None
    authorization_timeout_s: Seconds | None = None
    shipment_timeout_s: Seconds | None = None
    capture_timeout_s: Seconds | None = None
    """From the request for a step to its answer; unset: the step may take all the time that the order has."""
    customer_timeout_s: Annotated[int, Field(ge=1, le=3600)] = 15 * 60
    """From a payment's need of its customer to its being given up, each time; that time counts for no other limit."""
    payment_return_url: str | None = None
    """Where the payment provider sends customers who have acted."""
    compensation_timeout_s: Seconds = 5 * 60
    """From the beginning of an undoing to a case for a person; doubles each time it passes."""
    compensation_longest_timeout_s: Seconds = 60 * 60
    """What that doubling stops at."""
    hold_margin_s: Seconds = 24 * 3600
    """A person is told so many seconds before the provider lets go of money that is set aside and not taken yet."""
    dispatch_timeout_s: Annotated[int, Field(ge=0, le=_LONGEST_TIMEOUT_S)] = 7 * 24 * 3600
    """From confirmed to a case for a person, if the shipment does not leave; 0: never."""
    customers: Literal["any", "known"] = "any"
    """Whose orders are taken: of every id, or of customers who registered and are active."""
    guests: Literal["allowed", "refused"] = "allowed"
    public_catalogue: Literal["on", "off"] = "off"
    """Whether the shop's pages show products and prices to everybody, and to search engines."""
    """Whether orders without a customer are taken."""
    account_url: str | None = None
    """The shop's page to which mails about accounts send customers; unset: these have the bare token."""
    idempotency_s: Seconds = 30 * 24 * 3600
    """For how long a request that is sent again with its `Idempotency-Key` is recognised."""
    session_s: Seconds = 30 * 24 * 3600
    """From a login to the next, however often a customer's tokens are refreshed."""
    staff_session_s: Seconds = 12 * 3600
    """Likewise for staff."""
    staff_idle_s: Seconds = 30 * 60
    """A member of staff who gets no new tokens for so many seconds is logged out."""
    staff_url: str | None = None
    """The page to which mails that invite staff send them; unset: these have the bare token."""
    reconciliation_interval_s: Annotated[int, Field(ge=0, le=_LONGEST_TIMEOUT_S)] = 24 * 3600
    """From one comparison of a party's ledger with ours to the next; 0: never by itself."""
    reconciliation_window_s: Seconds = 3 * 24 * 3600
    """What moved within so many seconds is compared."""
    reconciliation_in_flight_s: Annotated[int, Field(ge=0, le=_LONGEST_TIMEOUT_S)] = 3600
    """What moved within so many seconds may still come to agree by itself."""
    keep_mails_days: Days = 90
    """For how long mails stay in the outbox."""
    keep_deliveries_days: Days = 7
    """For how long deliveries of webhooks are listed after they ended."""
    keep_guests_days: Days = 0
    """After so many days from the end of their order the data of guests is erased."""
    provider_calls: ProviderCallSettings = ProviderCallSettings()
    """How the payment provider is called."""
    carrier_calls: CarrierCallSettings = CarrierCallSettings()
    """How the carrier is called."""

    @property
    def run_file(self) -> Path:
        """Where `commerce up` writes every address and process."""
        return self.home / "run.json"

    @property
    def keys_folder(self) -> Path:
        """Where the master key and the token signing key are kept, readable by their owner only."""
        return self.home / "keys"

    @property
    def audit_folder(self) -> Path:
        """Where signed tree heads are kept outside the database, with the public key that they are checked with."""
        return self.home / "audit"

    @property
    def outbox_folder(self) -> Path:
        """Where the notifications worker puts the mails it would send."""
        return self.home / "outbox"

    def stripe_test_key(self) -> str:
        """The key of a Stripe account's test mode. Raises `BadUsage` where there is none, and for any other key."""
        key = self.stripe_api_key
        if not key:
            raise BadUsage("COMMERCE_STRIPE_API_KEY is not set, and COMMERCE_PROVIDER is stripe")
        if not _TEST_KEY.fullmatch(key):
            raise BadUsage("COMMERCE_STRIPE_API_KEY is no test key (sk_test_… or rk_test_…), and no other is taken")
        return key

    def checked_webhook_secret(self) -> str | None:
        """What the payment provider signs with; None where it is not set. Raises `BadUsage` for one that cannot be
        it."""
        secret = self.webhook_secret or None
        if secret is None:
            return None
        if self.provider == "stripe" and not _STRIPE_SECRET.fullmatch(secret):
            raise BadUsage("COMMERCE_WEBHOOK_SECRET is no signing secret of Stripe's (whsec_…)")
        if not _SECRET.fullmatch(secret):
            raise BadUsage("COMMERCE_WEBHOOK_SECRET has to be 16 to 255 letters, digits and signs without spaces")
        return secret

    def checked_return_url(self) -> str | None:
        """Where customers come back to; None where it is not set. Raises `BadUsage` for no address of the web."""
        url = self.payment_return_url or None
        if url is not None and not _WEB_ADDRESS.fullmatch(url):
            raise BadUsage("COMMERCE_PAYMENT_RETURN_URL is no address such as https://shop.example/paid")
        return url

    def checked_account_url(self) -> str | None:
        """The page that mails about accounts lead to; None where it is not set. Raises `BadUsage` for no address of the
        web."""
        return self._page("account_url")

    def checked_staff_url(self) -> str | None:
        """The page that mails to staff lead to; None where it is not set. Raises `BadUsage` for no address of the
        web."""
        return self._page("staff_url")

    def _page(self, name: str) -> str | None:
        url: str | None = getattr(self, name) or None
        if url is not None and (not _WEB_ADDRESS.fullmatch(url) or "#" in url):
            raise BadUsage(f"COMMERCE_{name.upper()} is no address such as https://shop.example/account, without a #")
        return url

    def checked_proxies(self) -> list[str]:
        """Whose word about addresses counts. Raises `BadUsage` for what is neither an address nor a network."""
        found = _listed(self.trusted_proxies)
        for one in found:
            try:
                ip_network(one)
            except ValueError as error:
                raise BadUsage(
                    f"COMMERCE_TRUSTED_PROXIES has no address or network such as 10.0.0.0/8: {error}"
                ) from None
        return found

    def checked_origins(self) -> list[str]:
        """Whose pages may call the API. Raises `BadUsage` for what is no origin."""
        found = _listed(self.cors_origins)
        for one in found:
            if not _ORIGIN.fullmatch(one):
                raise BadUsage(f"COMMERCE_CORS_ORIGINS: {one[:100]!r} is no origin such as https://shop.example")
        return found

    def required(self, name: str) -> str:
        """The address called `name`. Raises `BadUsage` where neither a variable nor a running system says it."""
        value: str | None = getattr(self, name)
        if value is None:
            raise BadUsage(
                f"no {name}: set COMMERCE_{name.upper()}, or start a system with `commerce up` in {self.home}"
            )
        return value


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


_OF_SEVERAL = tuple(
    f"COMMERCE_{name.upper()}"
    for name, field in Settings.model_fields.items()
    if isinstance(field.default, CallSettings)
)
"""Variables that stand for several values."""


def environment_settings() -> Settings:
    """Read the settings from the environment alone. Raises `BadUsage`, naming the variable, for a value that
    cannot be read."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "COMMERCE_" + "__".join(str(part) for part in first["loc"]).upper()
        if first["type"] == "extra_forbidden":
            raise BadUsage(f"{name} is no setting; docs/operation.md lists those of a party's calls") from None
        raise BadUsage(f"{name}: {first['msg']}") from None
    except SettingsError:  # what is not JSON, where a setting is made of several
        named = " or ".join(name for name in _OF_SEVERAL if name in os.environ)
        raise BadUsage(f"{named} is not JSON; set each of its values, such as {_OF_SEVERAL[0]}__TIMEOUT_S=8") from None


def load_settings() -> Settings:
    """Read the settings; unset addresses come from `run.json` under `COMMERCE_HOME`.

    Raises `BadUsage`, naming the variable, for a value that cannot be read.
    """
    settings = environment_settings()
    running = read_run_file(settings.run_file)
    addresses = ("database_url", "admin_database_url", "broker_url", "provider_url", "carrier_url")
    found = {name: running[name] for name in addresses if getattr(settings, name) is None and running.get(name)}
    return settings.model_copy(update=found)


def read_run_file(path: Path) -> dict[str, Any]:
    """What the running system wrote of itself; empty when none runs. Raises `BadUsage` for a file that is damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadUsage(f"{path} cannot be read ({error}); delete it and start the system again") from None
    if not isinstance(content, dict):
        raise BadUsage(f"{path} is damaged; delete it and start the system again")
    return content
