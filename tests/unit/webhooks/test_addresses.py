"""Webhooks go to public addresses, however an inner one is written."""

from __future__ import annotations

import pytest

from commerce.values.errors import InvalidInput
from commerce.webhooks.addresses import checked_url, is_public

INNER = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1"),
    *("240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1"),
    *("ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2001:0:7f00:1::", "not an address", ""),
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001:830::200e"]


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://erp.example/hooks", "ftp://erp.example", "erp.example/hooks", "https://", "https:///hooks"),
        *("https://user:secret@erp.example/", "https://erp.example/#part", "https://erp.example:70000/"),
        *(
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://127.1/",
            "https://2130706433/",
        ),
        *("https://0x7f000001/", "https://0177.0.0.1/", "https://10.0.0.1./", "https://erp.example/a b"),
        *("https://erp.example/\n", f"https://erp.example/{'x' * 2000}", "https://[fe80::1%25eth0]/", ""),
    ],
)
def test_where_nothing_can_be_sent_is_refused_and_says_what_can_be_named(url: str) -> None:
    with pytest.raises(InvalidInput, match="name an") as refused:
        checked_url(url, allow_private=False)
    assert refused.value.field == "url"


def test_a_setting_allows_inner_addresses_and_plain_http_and_nothing_else() -> None:
    for url in ("http://127.0.0.1:9000/hooks", "http://erp:8080/", "https://erp.example/hooks?a=b"):
        assert checked_url(url, allow_private=True) == url
    assert checked_url("https://8.8.8.8/hooks", allow_private=False)
    for url in ("ftp://erp", "http://user@erp/"):
        with pytest.raises(InvalidInput):
            checked_url(url, allow_private=True)
