"""Every line of a shop's history is played, or left out for a reason that is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.cli.shop.addresses import address_of
from commerce.cli.shop.countries import country_code
from commerce.cli.shop.judging import CURRENCY, History, InvoiceLine, Reason, articles, judge, judge_line
from commerce.cli.shop.reading import Cells, FileLine, read_shop_file
from commerce.money import Money

SMALL_SHOP = Path(__file__).parents[2] / "data" / "shop.csv"
CUP = Cells("1", "A", "CUP", "2", "3.50", "7", "France")


def pounds(amount: str) -> Money:
    return Money.of(amount, "GBP")


def judged(*cells: Cells | None, most_invoices: int | None = None) -> History:
    return judge([FileLine(number, each) for number, each in enumerate(cells, 2)], most_invoices)


def test_a_plain_line_is_an_order_line_with_its_own_price() -> None:
    assert judge_line(CUP) == InvoiceLine("A", "CUP", 2, pounds("3.50"))


@pytest.mark.parametrize(
    ("dirt", "reason"),
    [
        ({"code": ""}, Reason.UNREADABLE_CODE),
        ({"code": "A/B"}, Reason.UNREADABLE_CODE),
        ({"code": ".."}, Reason.UNREADABLE_CODE),
        ({"code": "A\tB"}, Reason.UNREADABLE_CODE),
        ({"code": "A" * 65}, Reason.UNREADABLE_CODE),
        ({"quantity": ""}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "two"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "2.5"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "1_000"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "٣"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "1000001"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "9" * 50}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "-2"}, Reason.WRITE_OFF),
        ({"quantity": "-2", "price": "0"}, Reason.WRITE_OFF),
        ({"quantity": "0"}, Reason.NO_PIECES),
        ({"quantity": "-0"}, Reason.NO_PIECES),
        ({"price": ""}, Reason.UNREADABLE_PRICE),
        ({"price": "3,50"}, Reason.UNREADABLE_PRICE),
        ({"price": "NaN"}, Reason.UNREADABLE_PRICE),
        ({"price": "1e3"}, Reason.UNREADABLE_PRICE),
        ({"price": "0.005"}, Reason.UNREADABLE_PRICE),
        ({"price": "1000000000000"}, Reason.UNREADABLE_PRICE),
        ({"price": "0"}, Reason.FREE),
        ({"price": "0.000"}, Reason.FREE),
        ({"price": "-3.50"}, Reason.NEGATIVE_PRICE),
    ],
)
def test_dirt_is_left_out_for_what_it_is(dirt: dict[str, str], reason: Reason) -> None:
    assert judge_line(replace(CUP, **dirt)) is reason


@pytest.mark.parametrize("price", ["3.5", "3.500", "03.50"])
def test_prices_of_the_same_worth_are_the_same(price: str) -> None:
    line = judge_line(replace(CUP, price=price))
    assert isinstance(line, InvoiceLine)
    assert line.unit_price == pounds("3.50")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("C1", Reason.CANCELLATION),
        ("c1", Reason.CANCELLATION),
        ("A1", Reason.ADJUSTMENT),
        ("", Reason.UNREADABLE_INVOICE),
        ("1\x00", Reason.UNREADABLE_INVOICE),
    ],
)
def test_what_is_no_invoice_is_left_out_with_all_its_lines(number: str, reason: Reason) -> None:
    line = replace(CUP, invoice=number)
    history = judged(line, replace(line, quantity="-1"))
    assert (history.invoices, history.left_out) == ([], {reason: [2, 3]})


def test_a_line_that_does_not_fit_the_heading_is_left_out() -> None:
    assert judged(None, CUP).left_out == {Reason.UNREADABLE_COLUMNS: [2]}


def test_an_invoice_with_nothing_left_is_left_out_and_its_lines_are_counted() -> None:
    history = judged(replace(CUP, price="0"), replace(CUP, quantity="-1"))
    assert (history.invoices_read, history.invoices) == (1, [])
    assert history.left_out == {Reason.FREE: [2], Reason.WRITE_OFF: [3]}


def test_lines_of_an_invoice_are_found_wherever_they_stand_and_an_article_may_repeat_at_another_price() -> None:
    history = judged(CUP, replace(CUP, invoice="2"), replace(CUP, price="4"))
    first, second = history.invoices
    assert [line.unit_price for line in first.lines] == [pounds("3.50"), pounds("4")]
    assert (first.total, second.total) == (pounds("15"), pounds("7"))


def test_a_line_of_another_customer_or_country_does_not_belong_to_the_invoice() -> None:
    history = judged(CUP, replace(CUP, customer="8"), replace(CUP, country="Spain"))
    assert history.left_out == {Reason.OTHER_BUYER: [3, 4]}
    assert [len(invoice.lines) for invoice in history.invoices] == [1]


def test_an_invoice_is_an_order_up_to_a_thousand_lines() -> None:
    assert len(judged(*[CUP] * 1000).invoices) == 1
    assert judged(*[CUP] * 1001).left_out == {Reason.INVOICE_TOO_LONG: list(range(2, 1003))}


def test_an_invoice_that_no_amount_can_hold_is_left_out() -> None:
    dear = replace(CUP, quantity="1000000", price="999999")
    assert len(judged(dear).invoices) == 1
    assert judged(dear, dear).left_out == {Reason.INVOICE_TOO_LARGE: [2, 3]}


def test_only_the_first_invoices_are_played_when_so_asked_and_the_others_are_counted() -> None:
    history = judged(CUP, replace(CUP, invoice="C2"), replace(CUP, invoice="3"), CUP, most_invoices=2)
    assert [invoice.number for invoice in history.invoices] == ["1"]
    assert history.left_out == {Reason.CANCELLATION: [3], Reason.BEYOND: [4]}


def test_a_country_nobody_knows_goes_to_the_shops_own_and_is_reported() -> None:
    history = judged(replace(CUP, country="Atlantis"), replace(CUP, invoice="2"), replace(CUP, invoice="3", country=""))
    assert [invoice.country for invoice in history.invoices] == ["GB", "FR", "GB"]
    assert history.unknown_countries == {"Atlantis": 1, "": 1}


@pytest.mark.parametrize(
    ("name", "code"), [("EIRE", "IE"), ("united kingdom", "GB"), ("RSA", "ZA"), ("Unspecified", None)]
)
def test_countries_are_known_by_the_names_shops_write(name: str, code: str | None) -> None:
    assert country_code(name) == code


def test_an_article_is_called_by_its_first_description_or_else_by_its_code() -> None:
    unnamed = replace(CUP, description="")
    history = judged(unnamed, CUP, replace(CUP, description="MUG"), replace(unnamed, code="a"))
    assert [(article.sku, article.name) for article in articles(history.invoices)] == [("A", "CUP"), ("a", "a")]


def test_a_name_is_one_line_of_what_can_be_printed() -> None:
    line = judge_line(replace(CUP, description="TALL\r\n LAMP\x00,\tBLUE"))
    assert isinstance(line, InvoiceLine)
    assert line.name == "TALL LAMP , BLUE"


def test_an_article_counts_its_pieces_and_is_sold_at_its_first_price() -> None:
    history = judged(CUP, replace(CUP, invoice="2", quantity="5", price="1"))
    (article,) = articles(history.invoices)
    assert (article.price, article.pieces, article.stocked) == (pounds("3.50"), 7, True)


@pytest.mark.parametrize("code", ["POST", "DOT", "M", "m", "D", "S", "BANK CHARGES", "AMAZONFEE", "C2", "gift_0001_20"])
def test_postage_fees_and_vouchers_are_not_stocked(code: str) -> None:
    (article,) = articles(judged(replace(CUP, code=code)).invoices)
    assert not article.stocked


def test_an_address_is_the_same_for_the_same_customer_and_country() -> None:
    assert address_of("7", "FR") == address_of("7", "FR")
    assert address_of("7", "FR") != address_of("8", "FR")
    assert address_of("7", "XX")["country"] == "XX"


def test_the_small_shop_holds_every_kind_of_dirt_that_a_line_can_have() -> None:
    history = judge(read_shop_file(SMALL_SHOP).lines)
    of_whole_invoices = {Reason.INVOICE_TOO_LONG, Reason.INVOICE_TOO_LARGE, Reason.BEYOND}
    assert set(history.left_out) == set(Reason) - of_whole_invoices
    assert (history.lines_read, history.lines_played, len(history.invoices)) == (40, 20, 11)
    assert history.unknown_countries == {"Atlantis": 1}
    assert sum(invoice.total.amount for invoice in history.invoices) == Decimal("513.43")


text = st.sampled_from(["", "A", "a", "POST", "A/B", "7", "\x00"]) | st.text(max_size=4)
numbers = st.sampled_from(["1", "2", "3", "C4", "A5", ""])
quantities = st.sampled_from(["1", "12", "0", "-3", "x"]) | st.integers().map(str)
prices = st.sampled_from(["1", "2.55", "0", "-1", "1.005", "x"]) | st.decimals(allow_nan=True).map(str)
countries = st.sampled_from(["France", "EIRE", "Atlantis"])
lines = st.none() | st.builds(Cells, numbers, text, text, quantities, prices, st.sampled_from(["", "7"]), countries)


@given(st.lists(lines, max_size=40), st.none() | st.integers(0, 5))
def test_lines_in_are_lines_out(cells: list[Cells | None], most_invoices: int | None) -> None:
    history = judged(*cells, most_invoices=most_invoices)
    assert history.lines_read == len(cells) == history.lines_played + history.lines_left_out
    left_out = Counter(number for numbers in history.left_out.values() for number in numbers)
    assert all(count == 1 for count in left_out.values())
    pieces = sum(article.pieces for article in articles(history.invoices))
    assert pieces == sum(line.quantity for invoice in history.invoices for line in invoice.lines)
    assert all(invoice.total > Money.zero(CURRENCY) for invoice in history.invoices)
