"""Which addresses webhooks are sent to: those of the public Internet, unless a setting allows inner ones."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from commerce.values.errors import InvalidInput

LONGEST_URL_CHARACTERS = 2_000

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ADDRESS = re.compile(r"https?://[!-~]+")
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("::/96"))
"""Whose last 32 bits are an IPv4 address: NAT64 (RFC 6052, RFC 8215), and IPv4-compatible addresses (RFC 4291)."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet: neither private, shared, loopback, link-local, multicast nor
    reserved, nor another way to write such a one. False for what is no IP address."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_unicast(one) for one in _meant(ip))


def checked_url(url: str, *, allow_private: bool) -> str:
    """An address that webhooks can be sent to. Raises `InvalidInput` for any other.

    A name in it is resolved, and looked at again, each time something is sent.
    """
    if not _ADDRESS.fullmatch(url) or len(url) > LONGEST_URL_CHARACTERS:
        raise _not_usable(
            f"an address of at most {LONGEST_URL_CHARACTERS} characters, such as https://erp.example/hooks"
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _not_usable("an address whose host and port can be read") from None
    if not host or "@" in parts.netloc or parts.fragment:
        raise _not_usable("an address with a host, and without a name, a password or a #")
    if allow_private:
        return url
    if parts.scheme != "https":
        raise _not_usable("an https:// address")
    if _is_number(host) and not is_public(host):
        raise _not_usable("an address of the public Internet, or have COMMERCE_WEBHOOK_ALLOW_PRIVATE set")
    return url


def _meant(ip: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """An address, and the IPv4 addresses that it leads to."""
    if isinstance(ip, IPv4Address):
        return [ip]
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    found: list[IPv4Address | IPv6Address] = [ip]
    found += filter(None, [ip.sixtofour, *(ip.teredo or ())])
    if any(ip in network for network in _TRANSLATED):
        found.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    return found


def _is_unicast(ip: IPv4Address | IPv6Address) -> bool:
    """`is_global` alone counts multicast, and the former site-local addresses, as global."""
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or getattr(ip, "is_site_local", False))


def _is_number(host: str) -> bool:
    """Whether a host is an IP address, also in the ways in which only some programs read one, such as 127.1."""
    return ":" in host or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None


def _not_usable(wanted: str) -> InvalidInput:
    return InvalidInput(f"webhooks cannot be sent there: name {wanted}", "url")
