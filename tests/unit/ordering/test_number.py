"""The numbers of orders: each place of the log has one, which can be read out, and a slip in it shows."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.ordering.number import SIGNS, number_of, position_of

positions = st.one_of(st.integers(1, 10_000), st.integers(1, 2**63 - 1))
usual = st.integers(1, len(SIGNS) ** 7 - 1)


@given(positions)
def test_a_number_names_its_place_alone(position: int) -> None:
    assert position_of(number_of(position)) == position


@pytest.mark.parametrize(
    ("position", "number"),
    [
        (1, "PWK8-KK6P"),
        (2, "DT6K-56D7"),
        (1_000_000, "6YK6-YVR7"),
        (3_404_825_446, "94DP-DDTR"),
        (3_404_825_447, "2222-222P-R"),
        (2**63 - 1, "D5DW-KTVP-JCMV-876"),
    ],
)
def test_a_number_never_changes(position: int, number: str) -> None:
    assert number_of(position) == number


@given(usual)
def test_every_wrong_sign_shows(position: int) -> None:
    signs = number_of(position).replace("-", "")
    for place in range(len(signs)):
        for sign in SIGNS.replace(signs[place], ""):
            assert position_of(signs[:place] + sign + signs[place + 1 :]) is None


@given(usual)
def test_every_two_signs_that_changed_places_show(position: int) -> None:
    signs = number_of(position).replace("-", "")
    for one, other in combinations(range(len(signs)), 2):
        changed = list(signs)
        changed[one], changed[other] = signs[other], signs[one]
        assert signs[one] == signs[other] or position_of("".join(changed)) is None


@pytest.mark.parametrize("text", ["pwk8-kk6p", "PWK8KK6P", " PWK8 KK6P ", "PWK8\u2013KK6P"])
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    assert position_of(text) == 1


@pytest.mark.parametrize(
    "text",
    ["", "-", "PWK8-KK6", "PWK8-KK6PP", "PWK8-KK6O", "INV-7001", "2222-2222", "2222-2222-2222-2222-2222", "ſ" * 8],
)
def test_what_no_order_has_as_its_number_is_none(text: str) -> None:
    assert position_of(text) is None


def test_no_sign_looks_like_another() -> None:
    alike = ("0OQ", "1IL", "2Z", "5S", "6G", "8B", "UV")
    assert [group for group in alike if len(set(group) & set(SIGNS)) > 1] == []
    assert len(set(SIGNS)) == len(SIGNS) == 23
