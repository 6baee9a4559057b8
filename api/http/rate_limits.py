"""How much each sender may ask for: so many requests to each group of routes in a window, by role, else by address."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import Storage
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string

from api.http.counters import BoundedMemory
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import Identity
from commerce.values.errors import BadUsage

IN_MEMORY = "memory://"
STORAGE_TIMEOUT_S = 0.25
"""How long a shared storage is waited for; the process then counts by itself."""
STORAGE_PAUSE_S = 5.0
"""How long a shared storage that did not answer is not asked again."""
LONGEST_PAUSE_S = 1.0
"""Who goes on and on after the first request too many waits so long for each answer: else a flood of them would take
the process from all others. The connections of a process, which have a bound, bound how many wait."""
_PAUSE_STEP_S = 0.01
OTHERS = "others"
"""The group of what is no route of the API: its description, and paths at which nothing is."""
UNCOUNTED = frozenset(("/health/live", "/health/ready", "/metrics"))
"""What watches over the process may always ask."""
WEBHOOKS = "webhooks"
"""The group whose senders sign what they send, and have no role."""

_log = structlog.get_logger(__name__)

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where a sender stands after a request: the headers that say it, and when to come again if that was one too
    many."""

    headers: list[Header]
    retry_after: int | None = None
    quota: str = ""
    pause_s: float = 0.0
    """So long the one who has sent too much is to wait for being told so."""


UNLIMITED = Allowance([])


@dataclass(frozen=True, slots=True)
class _Quota:
    name: bytes
    item: RateLimitItemPerSecond
    policy: Header

    @classmethod
    def of(cls, group: str, most: int, window_s: int) -> _Quota:
        policy = (b"ratelimit-policy", f'"{group}";q={most};w={window_s}'.encode())
        return cls(group.encode(), RateLimitItemPerSecond(most, window_s, group), policy)

    def allowance(self, count: int, seconds: int) -> Allowance:
        """Where a sender stands after so many requests of a window that ends after these seconds."""
        most = self.item.amount
        left = max(0, most - count)
        headers = [self.policy, (b"ratelimit", b'"%b";r=%d;t=%d' % (self.name, left, seconds))]
        if count <= most:
            return Allowance(headers)
        quota = f"{most} requests in {self.item.multiples} s to {self.name.decode()}"
        return Allowance(headers, seconds, quota, min(LONGEST_PAUSE_S, (count - most) * _PAUSE_STEP_S))


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """How much of a group of routes somebody may ask for, and has asked for."""

    group: str
    """The group, as the headers `RateLimit` name it."""
    limit: int
    """So many requests are accepted in a window."""
    window_s: int
    """The seconds of a window."""
    used: int
    """So many came in the present one."""
    reset_s: int
    """After so many seconds it ends."""


class RateLimits:
    """The counts of one process, or of all processes that share a storage.

    Raises `BadUsage` for a storage that cannot be used.
    """

    def __init__(self, settings: Settings, groups: Iterable[str]) -> None:
        most = {
            "anonymous": settings.rate_limit_anonymous,
            WEBHOOKS: settings.rate_limit_webhooks,
            "customer": settings.rate_limit_customer,
            "operator": settings.rate_limit_operator,
            "auditor": settings.rate_limit_auditor,
            "service": settings.rate_limit_service,
        }
        self._groups = frozenset(groups)
        self._quotas: Mapping[tuple[str, str], _Quota] = {
            (role, group): _Quota.of(group, number, settings.rate_limit_window_s)
            for role, number in most.items()
            for group in (*self._groups, OTHERS)
            if number
        }
        self._own = BoundedMemory()
        shared = settings.rate_limit_storage
        self._shared = None if shared == IN_MEMORY else _storage(shared)
        self._away_until = 0.0

    async def count(self, identity: Identity | None, address: str, path: str) -> Allowance:
        """Count a request, and say where its sender stands."""
        group = self._group_of(path)
        if identity is not None:
            role, who = str(identity.role), identity.subject
        else:
            role, who = WEBHOOKS if group == WEBHOOKS else "anonymous", network_of(address)
        quota = self._quotas.get((role, group))
        if quota is None:
            return UNLIMITED
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(STORAGE_TIMEOUT_S):
                    return await _counted(self._shared, quota, _key(quota.item, role, who))
            except (StorageError, TimeoutError, OSError) as error:
                self._away_until = time.monotonic() + STORAGE_PAUSE_S
                _log.warning("the storage of rate limits does not answer", error=type(error).__name__)
        return await _counted(self._own, quota, _key(quota.item, role, who))

    async def usage(self, identity: Identity) -> list[LimitUsage]:
        """How much somebody has asked for in the present window of each group that has a limit for them.

        Where processes count by themselves, this is what this one has counted.
        """
        found = []
        for (role, group), quota in sorted(self._quotas.items()):
            if role == identity.role:
                key, storage = _key(quota.item, role, identity.subject), self._shared or self._own
                used = await storage.get(key)
                ends = await storage.get_expiry(key) if used else time.time() + quota.item.multiples
                found.append(
                    LimitUsage(
                        group, quota.item.amount, quota.item.multiples, used, max(0, math.ceil(ends - time.time()))
                    )
                )
        return found

    def _group_of(self, path: str) -> str:
        group = _group_in(path)
        return group if group in self._groups else OTHERS


def groups_of(paths: Iterable[str]) -> frozenset[str]:
    """The groups of these routes: each is a resource."""
    return frozenset(group for group in map(_group_in, paths) if group)


def _group_in(path: str) -> str:
    """`orders` of `/api/v1/orders/…`, `products` of `/api/v1/products:import`."""
    parts = path.split("/", 4)
    return parts[3].partition(":")[0] if len(parts) > 3 else ""


async def _counted(storage: Storage, quota: _Quota, key: str) -> Allowance:
    """Count in a fixed window: what the library's strategy of that name does in three calls of the storage."""
    window_s = quota.item.multiples
    count = await storage.incr(key, window_s)
    reset = await storage.get_expiry(key)
    return quota.allowance(count, min(window_s, max(1, math.ceil(reset - time.time()))))


@lru_cache(maxsize=4096)
def _key(item: RateLimitItemPerSecond, role: str, who: str) -> str:
    return item.key_for(role, who)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What stands for one client among addresses: an IPv4 address, and the /64 that one IPv6 client has to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _storage(uri: str) -> Storage:
    """A storage that processes share, by its address."""
    client = {"implementation": "redispy"} if uri.startswith(("redis", "rediss")) else {}
    try:
        found = storage_from_string(f"async+{uri}", wrap_exceptions=True, **client)
    except (ConfigurationError, ValueError) as error:
        raise BadUsage(f"COMMERCE_RATE_LIMIT_STORAGE cannot be used: {error}") from None
    assert isinstance(found, Storage)
    return found
