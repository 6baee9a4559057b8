"""A price names its money by a sign, by a code, or by a column; what contradicts is found."""

from __future__ import annotations

import pytest

from commerce.cli.shop.currencies import only_currency, split_price
from commerce.values.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "number", "currency"),
    [
        ("£2.55", "2.55", "GBP"),
        ("2.55 €", "2.55", "EUR"),
        ("2,55€", "2,55", "EUR"),
        ("€ 1.234,56", "1.234,56", "EUR"),
        ("-£2.55", "-2.55", "GBP"),
        ("£-2.55", "-2.55", "GBP"),
        ("£.55", ".55", "GBP"),
        ("$5", "5", "USD"),
        ("$5", "5", "CAD"),
        ("US$1,234.56", "1,234.56", "USD"),
        ("R$ 2,50", "2,50", "BRL"),
        ("12 kr.", "12", "SEK"),
        ("12 zł", "12", "PLN"),
        ("GBP 2.55", "2.55", "GBP"),
        ("2.55 eur", "2.55", "EUR"),
        ("1 234,56\u00a0€", "1 234,56", "EUR"),
        ("AED 5", "5", "AED"),
    ],
)
def test_the_sign_and_the_number_are_parted(text: str, number: str, currency: str) -> None:
    price = split_price(text)
    assert price.number == number
    assert price.currencies is not None
    assert currency in price.currencies


@pytest.mark.parametrize("text", ["2.55", "", "one pound", "1e3", "2.55 quid"])
def test_a_price_that_names_no_money_is_left_as_it_is(text: str) -> None:
    price = split_price(text)
    assert (price.number, price.currencies) == (text, None)


@pytest.mark.parametrize(("text", "column"), [("2.55 p", ""), ("2.55", "pounds"), ("XYZ 1", ""), ("1", "XAU")])
def test_what_is_no_money_that_is_known_is_rejected(text: str, column: str) -> None:
    with pytest.raises(InvalidInput, match="no currency that is known"):
        split_price(text, column)


def test_a_sign_and_a_column_have_to_agree() -> None:
    assert split_price("$5", "CAD").currencies == frozenset({"CAD"})
    assert split_price("€5", "GBP").currencies == frozenset()
    assert split_price("£5 €").currencies == frozenset()


@pytest.mark.parametrize(
    ("prices", "currency"),
    [
        (["2 €", "€3"], "EUR"),
        (["$5", "6 CAD"], "CAD"),
        (["€2", "3"], None),
        (["€2", "£3"], None),
        (["$2", "$3"], None),
        ([], None),
    ],
)
def test_the_money_of_a_file_is_what_all_its_prices_name(prices: list[str], currency: str | None) -> None:
    assert only_currency(map(split_price, prices)) == currency
