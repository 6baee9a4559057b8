"""A number is read when it can be read in one way only; what could be two is told, unless the file settles it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.cli.shop.numerals import Marks, read_number
from commerce.values.errors import InvalidInput

UNSETTLED, POINT, COMMA = Marks(), Marks("."), Marks(",")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        ("2.55", "2.55"),
        ("2,55", "2.55"),
        ("2,5", "2.5"),
        (".55", "0.55"),
        (",55", "0.55"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1,234.567", "1234.567"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1 234", "1234"),
        ("-2,55", "-2.55"),
        ("\u22122.55", "-2.55"),
        ("- 3", "-3"),
        ("+3", "3"),
    ],
)
def test_what_can_be_read_in_one_way_is_read_whatever_the_file_settles(text: str, value: str) -> None:
    for marks in (UNSETTLED, POINT, COMMA):
        assert read_number(text, marks) == Decimal(value)


@pytest.mark.parametrize("text", ["1,234", "1.234", "-12,500", "999.999"])
def test_thousands_or_decimals_is_never_guessed(text: str) -> None:
    with pytest.raises(InvalidInput, match="thousands or decimals"):
        read_number(text, UNSETTLED)


def test_the_files_other_numbers_settle_what_could_be_two() -> None:
    assert (read_number("1,234", POINT), read_number("1,234", COMMA)) == (Decimal(1234), Decimal("1.234"))
    assert (read_number("1.234", POINT), read_number("1.234", COMMA)) == (Decimal("1.234"), Decimal(1234))


@pytest.mark.parametrize(
    ("numbers", "mark"),
    [
        (["1", "1,234", "2.55"], "."),
        (["1.234", "2,55"], ","),
        (["1,234,567", "1.5"], "."),
        (["1.234.567"], ","),
        (["1.234,5"], ","),
        (["1 234,5"], ","),
        (["1,234", "x", "1.234"], None),
        (["2.55", "2,55"], None),
        (["1.234.567", "2.55"], None),
        ([], None),
    ],
)
def test_a_file_settles_its_mark_when_its_numbers_agree(numbers: list[str], mark: str | None) -> None:
    assert Marks.of(numbers).decimal == mark


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "x",
        "5.",
        "5,",
        "1.2.3",
        "1,2,3",
        "1.234.56",
        "1,234,5",
        "12,34,567.8",
        "1.234,567.89",
        "1,234 567",
        "1_000",
        "٣",
        "1e3",
        "NaN",
        "Infinity",
        "--3",
        "0x10",
        "½",
        "1\n2",
        "(2.55)",
        "9" * 41,
    ],
)
def test_what_is_no_number_is_rejected(text: str) -> None:
    for marks in (UNSETTLED, POINT, COMMA):
        with pytest.raises(InvalidInput, match="is no number"):
            read_number(text, marks)


@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (".", " "), (".", "'")]),
    st.booleans(),
)
def test_a_number_is_read_as_it_was_written(value: Decimal, marks: tuple[str, str], grouped: bool) -> None:
    decimal, thousands = marks
    text = f"{value:,.2f}" if grouped else f"{value:.2f}"
    text = text.replace(",", "t").replace(".", decimal).replace("t", thousands)
    assert read_number(text, UNSETTLED) == value
    assert Marks.of([text]).decimal == decimal
