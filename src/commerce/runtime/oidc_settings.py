"""The settings of an external issuer, read as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from commerce.runtime.settings import Settings
from commerce.runtime.tokens import ROLES, Role
from commerce.values.errors import BadUsage

_MAPPED: tuple[Role, ...] = tuple(role for role in ROLES if role != "customer")
"""Customers have accounts of ours, as orders and personal keys are theirs."""


@dataclass(frozen=True, slots=True)
class OidcTerms:
    """What is expected of an external issuer's tokens."""

    issuer: str
    audience: str
    role_claim: str
    """The claim that is mapped: by its name, or else the path to it with dots."""
    roles: Sequence[tuple[str, Role]]
    """Which value of the claim means which role; of several that a token has, the first here counts."""


def oidc_terms(settings: Settings) -> OidcTerms | None:
    """The issuer whose tokens are accepted; None where none is set. Raises `BadUsage`, naming the variable."""
    if not settings.oidc_issuer:
        return None
    if not _is_safe(settings.oidc_issuer):
        raise BadUsage(
            "COMMERCE_OIDC_ISSUER is no address such as https://id.example/shop, without ? or #; http is for this"
            " machine alone"
        )
    if not settings.oidc_audience:
        raise BadUsage("COMMERCE_OIDC_AUDIENCE is not set: without it, tokens for others would be accepted")
    if not settings.oidc_role_claim:
        raise BadUsage("COMMERCE_OIDC_ROLE_CLAIM is empty; name the claim that says what somebody may do")
    return OidcTerms(
        settings.oidc_issuer, settings.oidc_audience, settings.oidc_role_claim, _roles(settings.oidc_roles)
    )


def _roles(text: str) -> list[tuple[str, Role]]:
    found: list[tuple[str, Role]] = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        value, _, name = one.rpartition("=")
        role = next((role for role in _MAPPED if role == name), None)
        if not value or role is None:
            raise BadUsage(
                f"COMMERCE_OIDC_ROLES: {one[:100]!r} is nothing such as shop-operators=operator;"
                f" roles are {', '.join(_MAPPED)}"
            )
        found.append((value, role))
    if not found:
        raise BadUsage("COMMERCE_OIDC_ROLES is not set: no token of the issuer would have a role")
    return found


def _is_safe(issuer: str) -> bool:
    """Whether what an issuer says cannot be changed on the way: it is encrypted, or does not leave the machine."""
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or parts.username or not issuer.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
