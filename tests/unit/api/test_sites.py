"""What a browser sends to a site under the names of our cookies."""

from __future__ import annotations

import pytest

from api.http.sites import ACCESS_COOKIE, cookie_of, token_in_cookie


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ([], ""),
        ([b"language=de"], ""),
        ([b"language=de; commerce_access=ours"], "ours"),
        ([b"commerce_access="], ""),
        ([b"commerce_access=ours; commerce_access=planted"], ""),  # whichever comes first: paths decide that
        ([b"commerce_access=ours", b"commerce_access=planted"], ""),
    ],
)
def test_a_cookie_that_comes_twice_is_nobodys(sent: list[bytes], found: str) -> None:
    scope = {"path": "/console/orders", "headers": [(b"cookie", value) for value in sent]}
    assert cookie_of(scope, ACCESS_COOKIE) == found
    assert token_in_cookie(scope) == found.encode()


def test_a_cookie_opens_no_path_but_those_of_sites() -> None:
    assert token_in_cookie({"path": "/api/v1/orders", "headers": [(b"cookie", b"commerce_access=ours")]}) == b""
