"""Every invoice of a shop's history is played whole, or left out whole for a reason that is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.cli.shop.addresses import address_of
from commerce.cli.shop.csv_file import Cells, FileLine, read_shop_file
from commerce.cli.shop.invoice import InvoiceLine, articles
from commerce.cli.shop.judgement import ShopHistory, judge
from commerce.cli.shop.line_reader import NO_PURCHASE, Reader, Reason, UnclearLine
from commerce.values.money import Money

DATA = Path(__file__).parents[2] / "data"
CUP = Cells("1", "A", "CUP", "2", "3.50", "7", "France", "")
OTHER = replace(CUP, invoice="9")


def pounds(amount: str) -> Money:
    return Money.of(amount, "GBP")


def judged(*cells: Cells | None, most_invoices: int | None = None, currency: str | None = None) -> ShopHistory:
    return judge([FileLine(number, each) for number, each in enumerate(cells, 2)], most_invoices, currency)


def problems(history: ShopHistory) -> list[tuple[str, int | None, str]]:
    return [(each.invoice, each.line, each.why) for each in history.problems]


def line(**cells: str) -> InvoiceLine:
    read = Reader().line(replace(CUP, **cells))
    assert isinstance(read, InvoiceLine)
    return read


def test_a_plain_line_is_an_order_line_with_its_own_price() -> None:
    assert line() == InvoiceLine("A", "CUP", 2, pounds("3.50"))


@pytest.mark.parametrize(
    ("dirt", "reason"),
    [
        ({"code": ""}, Reason.UNREADABLE_CODE),
        ({"code": "A/B"}, Reason.UNREADABLE_CODE),
        ({"code": ".."}, Reason.UNREADABLE_CODE),
        ({"code": "A\tB"}, Reason.UNREADABLE_CODE),
        ({"code": "A" * 65}, Reason.UNREADABLE_CODE),
        ({"code": "8.51E+04"}, Reason.UNREADABLE_CODE),
        ({"quantity": ""}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "two"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "2.5"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "1_000"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "٣"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "1000001"}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "9" * 50}, Reason.UNREADABLE_QUANTITY),
        ({"quantity": "-2.5"}, Reason.UNREADABLE_QUANTITY),
        ({"price": ""}, Reason.UNREADABLE_PRICE),
        ({"price": "NaN"}, Reason.UNREADABLE_PRICE),
        ({"price": "1e3"}, Reason.UNREADABLE_PRICE),
        ({"price": "0.005"}, Reason.UNREADABLE_PRICE),
        ({"price": "2,555"}, Reason.UNREADABLE_PRICE),
        ({"price": "2.5500001"}, Reason.UNREADABLE_PRICE),
        ({"price": "1000000000000"}, Reason.UNREADABLE_PRICE),
        ({"price": "250p"}, Reason.UNREADABLE_PRICE),
        ({"price": "€3.50"}, Reason.OTHER_CURRENCY),
        ({"price": "USD 3.50"}, Reason.OTHER_CURRENCY),
        ({"currency": "EUR"}, Reason.OTHER_CURRENCY),
        ({"country": "Atlantis"}, Reason.UNKNOWN_COUNTRY),
        ({"country": "European Community"}, Reason.UNKNOWN_COUNTRY),
        ({"country": ""}, Reason.UNKNOWN_COUNTRY),
        ({"customer": "1.7850E+4"}, Reason.UNREADABLE_CUSTOMER),
    ],
)
def test_an_invoice_with_a_line_that_is_not_clear_is_left_out_whole_and_told(
    dirt: dict[str, str], reason: Reason
) -> None:
    unsettled = replace(OTHER, price="3")
    history = judged(replace(CUP, **dirt), replace(CUP, price="2", country=dirt.get("country", "France")), unsettled)
    assert [invoice.number for invoice in history.invoices] == ["9"]
    assert reason in history.left_out
    assert reason not in NO_PURCHASE
    invoice, number, why = problems(history)[0]
    assert (invoice, number) == ("1", 2)
    assert why.isprintable()


def test_every_line_that_is_not_clear_is_told_with_its_number_and_why() -> None:
    history = judged(CUP, replace(CUP, quantity="six"), replace(CUP, price="one pound"), replace(CUP, code="A/B"))
    assert problems(history) == [
        ("1", 3, "the quantity 'six' is no number"),
        ("1", 4, "the price 'one pound' is no number"),
        (
            "1",
            5,
            "the stock code 'A/B' cannot be a SKU: 'A/B' is not a SKU; it is 1 to 64 printable characters without a "
            "slash",
        ),
    ]
    assert history.left_out[Reason.WITH_ITS_INVOICE] == [2]


@pytest.mark.parametrize(
    ("dirt", "reason"),
    [
        ({"quantity": "-2"}, Reason.CANCELLATION),
        ({"quantity": "-2", "price": "0"}, Reason.WRITE_OFF),
        ({"quantity": "0"}, Reason.NO_PIECES),
        ({"quantity": "-0"}, Reason.NO_PIECES),
        ({"price": "0"}, Reason.FREE),
        ({"price": "0.000"}, Reason.FREE),
        ({"price": "-3.50"}, Reason.NEGATIVE_PRICE),
        ({"quantity": "-2", "price": "?", "country": "Atlantis", "code": ""}, Reason.CANCELLATION),
    ],
)
def test_what_is_no_purchase_is_counted_and_keeps_nothing_else_from_being_played(
    dirt: dict[str, str], reason: Reason
) -> None:
    history = judged(replace(CUP, **dirt), OTHER)
    assert (history.left_out, history.problems) == ({reason: [2]}, [])
    assert reason in NO_PURCHASE
    assert [invoice.number for invoice in history.invoices] == ["9"]


@pytest.mark.parametrize(
    ("cells", "price"),
    [
        ({"price": "2,55"}, "2.55"),
        ({"price": "£2.55"}, "2.55"),
        ({"price": "2.55 GBP"}, "2.55"),
        ({"price": "1,234.56"}, "1234.56"),
        ({"price": "1.234,56"}, "1234.56"),
        ({"price": "3.5"}, "3.50"),
        ({"price": "3.500"}, "3.50"),
        ({"price": "03.50"}, "3.50"),
    ],
)
def test_what_is_unambiguous_is_read(cells: dict[str, str], price: str) -> None:
    assert line(**cells).unit_price == pounds(price)


@pytest.mark.parametrize(
    ("text", "quantity"), [("6.0", 6), ("6,0", 6), ("+6", 6), ("1,234,567.0", None), ("1 000", 1000)]
)
def test_a_quantity_is_a_whole_number_however_it_is_written(text: str, quantity: int | None) -> None:
    if quantity is None:
        with pytest.raises(UnclearLine, match="no whole number"):
            line(quantity=text)
    else:
        assert line(quantity=text).quantity == quantity


def test_what_could_be_thousands_is_read_only_where_the_files_other_numbers_settle_it() -> None:
    dear = replace(CUP, price="1,234")
    whole = replace(OTHER, price="2")
    alone, settled = judged(dear, whole), judged(dear, replace(OTHER, price="2.55"))
    assert problems(alone) == [
        ("1", 2, "the price '1,234' could be thousands or decimals, and no other number of the file settles it")
    ]
    assert [invoice.number for invoice in alone.invoices] == ["9"]
    assert [invoice.total for invoice in settled.invoices] == [pounds("2468"), pounds("5.10")]
    assert judged(dear, replace(OTHER, price="2,55"), replace(OTHER, price="2.55")).problems != []


def test_an_invoice_with_a_decimal_comma_in_one_line_is_whole() -> None:
    (invoice,) = judged(CUP, replace(CUP, code="B", price="2,55")).invoices
    assert invoice.total == pounds("12.10")


def test_the_money_is_what_is_said_or_what_every_price_names_or_pounds() -> None:
    euros = replace(CUP, price="3,50 €")
    assert [invoice.total for invoice in judged(euros).invoices] == [Money.of("7", "EUR")]
    assert [invoice.total for invoice in judged(CUP, currency="JPY").invoices] == []
    assert [invoice.total for invoice in judged(replace(CUP, price="350"), currency="JPY").invoices] == [
        Money.of("700", "JPY")
    ]
    mixed = judged(euros, OTHER)
    assert (mixed.currency, [invoice.number for invoice in mixed.invoices]) == ("GBP", ["9"])
    assert "'3,50 €' is not in GBP; --currency names the file's money" in problems(mixed)[0][2]
    assert judged(replace(euros, currency="EUR"), currency="EUR").invoices != []


@pytest.mark.parametrize("number", ["CO-1001", "A1002", "C1", "c536379", "Adebt", "1"])
def test_the_sign_of_the_quantities_decides_and_no_letter(number: str) -> None:
    bought = replace(CUP, invoice=number)
    came_back = replace(bought, quantity="-2")
    assert [invoice.number for invoice in judged(bought, bought).invoices] == [number]
    history = judged(came_back, came_back)
    assert (history.invoices, history.left_out, history.problems) == ([], {Reason.CANCELLATION: [2, 3]}, [])


def test_an_invoice_of_both_signs_is_neither_and_is_told() -> None:
    history = judged(CUP, replace(CUP, quantity="-1"), replace(OTHER, price="-1"), OTHER)
    assert history.invoices == []
    assert problems(history) == [
        ("1", 3, "pieces come back here, and are bought in other lines"),
        ("9", 4, "the price is negative here, and positive in other lines"),
    ]


@pytest.mark.parametrize("number", ["1\x00", "1\u202e2", "\u200b", "5.36E+05", "9" * 65])
def test_a_line_whose_invoice_number_cannot_be_read_is_told(number: str) -> None:
    history = judged(OTHER, replace(CUP, invoice=number))
    assert [invoice.number for invoice in history.invoices] == ["9"]
    assert history.left_out == {Reason.UNREADABLE_INVOICE: [3]}
    ((invoice, at, why),) = problems(history)
    assert (invoice, at, why.isprintable()) == ("", 3, True)


def test_a_line_without_an_invoice_number_may_belong_to_the_invoice_above() -> None:
    history = judged(CUP, replace(CUP, invoice=""), OTHER)
    assert [invoice.number for invoice in history.invoices] == ["9"]
    assert problems(history) == [("1", 3, "the line has no invoice number, and may belong to the invoice above it")]
    assert problems(judged(replace(CUP, invoice=""), OTHER)) == [("", 2, "the line has no invoice number")]


def test_a_line_that_does_not_fit_the_heading_keeps_the_invoices_it_may_belong_to_from_being_played() -> None:
    lines = [FileLine(2, CUP), FileLine(3, None, ("1", "A")), FileLine(4, OTHER)]
    history = judge(lines)
    assert [invoice.number for invoice in history.invoices] == ["9"]
    assert problems(history) == [("1", 3, "the line has not as many columns as the heading")]
    assert history.left_out == {Reason.UNREADABLE_COLUMNS: [3], Reason.WITH_ITS_INVOICE: [2]}
    assert problems(judge([FileLine(2, None, ("5", "A"))])) == [
        ("5", 2, "the line has not as many columns as the heading")
    ]
    assert problems(judge([FileLine(2, None)])) == [("", 2, "the line has not as many columns as the heading")]


def test_numbers_that_are_names_are_the_same_after_a_table_of_floats() -> None:
    (invoice,) = judged(
        replace(CUP, invoice="7001.0", customer="17850.0"), replace(CUP, invoice="7001", customer="17850")
    ).invoices
    assert (invoice.number, invoice.customer, len(invoice.lines)) == ("7001", "17850", 2)


def test_a_country_written_in_two_ways_is_one() -> None:
    (invoice,) = judged(replace(CUP, country="UK"), replace(CUP, country="United Kingdom")).invoices
    assert invoice.country == "GB"


def test_an_invoice_with_nothing_left_is_left_out_and_its_lines_are_counted() -> None:
    history = judged(replace(CUP, price="0"), replace(CUP, quantity="0"))
    assert (history.invoices_read, history.invoices) == (1, [])
    assert history.left_out == {Reason.FREE: [2], Reason.NO_PIECES: [3]}


def test_lines_of_an_invoice_are_found_wherever_they_stand_and_an_article_may_repeat_at_another_price() -> None:
    history = judged(CUP, replace(CUP, invoice="2"), replace(CUP, price="4"))
    first, second = history.invoices
    assert [line.unit_price for line in first.lines] == [pounds("3.50"), pounds("4")]
    assert (first.total, second.total) == (pounds("15"), pounds("7"))


@pytest.mark.parametrize("other", [{"customer": "8"}, {"customer": ""}, {"country": "Spain"}])
def test_an_invoice_of_two_customers_or_countries_is_left_out_whole(other: dict[str, str]) -> None:
    history = judged(CUP, replace(CUP, **other), OTHER)
    assert [invoice.number for invoice in history.invoices] == ["9"]
    assert history.left_out == {Reason.WITH_ITS_INVOICE: [2], Reason.OTHER_BUYER: [3]}
    assert [(number, at) for number, at, _ in problems(history)] == [("1", 3)]


def test_an_invoice_is_an_order_up_to_a_thousand_lines() -> None:
    assert len(judged(*[CUP] * 1000).invoices) == 1
    history = judged(*[CUP] * 1001)
    assert history.invoices == []
    assert problems(history) == [("1", 2, "the invoice has 1001 lines, and an order at most 1000")]
    assert sum(map(len, history.left_out.values())) == 1001


def test_an_invoice_that_no_amount_can_hold_is_left_out() -> None:
    dear = replace(CUP, quantity="1000000", price="999999")
    assert len(judged(dear).invoices) == 1
    history = judged(dear, dear)
    assert history.invoices == []
    assert set(history.left_out) == {Reason.INVOICE_TOO_LARGE, Reason.WITH_ITS_INVOICE}


def test_only_the_first_invoices_are_played_when_so_asked_and_the_others_are_counted() -> None:
    unclear = replace(CUP, invoice="3", price="?")
    history = judged(CUP, replace(CUP, invoice="C2", quantity="-1"), unclear, CUP, most_invoices=2)
    assert [invoice.number for invoice in history.invoices] == ["1"]
    assert history.left_out == {Reason.CANCELLATION: [3], Reason.BEYOND: [4]}
    assert history.problems == []


def test_an_article_is_called_by_its_first_description_or_else_by_its_code() -> None:
    unnamed = replace(CUP, description="")
    history = judged(unnamed, CUP, replace(CUP, description="MUG"), replace(unnamed, code="a"))
    assert [(article.sku, article.name) for article in articles(history.invoices)] == [("A", "CUP"), ("a", "a")]


def test_a_name_is_one_line_of_what_can_be_seen() -> None:
    assert line(description="TALL\r\n LAMP\x00,\tBLUE").name == "TALL LAMP , BLUE"
    assert line(description="\u200b").name == ""
    assert len(line(description="A" * 300).name) == 200


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


def test_the_small_shop_is_clear_throughout() -> None:
    history = judge(read_shop_file(DATA / "shop.csv").lines)
    assert history.problems == []
    assert set(history.left_out) == NO_PURCHASE - {Reason.BEYOND}
    assert (history.lines_read, history.lines_played, len(history.invoices)) == (27, 20, 10)


def test_the_dirty_shop_holds_every_kind_of_dirt_that_a_line_can_have() -> None:
    history = judge(read_shop_file(DATA / "shop_with_dirt.csv").lines)
    of_their_own = {Reason.INVOICE_TOO_LONG, Reason.INVOICE_TOO_LARGE, Reason.UNREADABLE_CUSTOMER}
    assert set(history.left_out) - NO_PURCHASE == set(Reason) - NO_PURCHASE - of_their_own
    assert [invoice.number for invoice in history.invoices] == ["90018"]
    assert {each.invoice for each in history.problems} == {"90009", "90010", "90011", "90012", "90016", "90017"}


text = st.sampled_from(["", "A", "a", "POST", "A/B", "7", "\x00"]) | st.text(max_size=4)
numbers = st.sampled_from(["1", "2", "3", "C4", "A5", "1.0", ""])
quantities = st.sampled_from(["1", "12", "0", "-3", "x", "1,000"]) | st.integers().map(str)
prices = st.sampled_from(["1", "2.55", "2,55", "£3", "1.234", "0", "-1", "x"]) | st.decimals(allow_nan=True).map(str)
countries = st.sampled_from(["France", "EIRE", "FR", "Atlantis"])
customers = st.sampled_from(["", "7", "7.0"])
currencies = st.sampled_from(["", "", "GBP", "EUR"])
cells = st.builds(Cells, numbers, text, text, quantities, prices, customers, countries, currencies)
file_lines = st.builds(FileLine, st.just(0), st.none() | cells, st.lists(numbers, max_size=2).map(tuple))


@given(st.lists(file_lines, max_size=40), st.none() | st.integers(0, 5))
def test_lines_in_are_lines_out(lines: list[FileLine], most_invoices: int | None) -> None:
    lines = [replace(line, number=number) for number, line in enumerate(lines, 2)]
    history = judge(lines, most_invoices)
    assert history.lines_read == len(lines) == history.lines_played + sum(map(len, history.left_out.values()))
    left_out = Counter(number for numbers in history.left_out.values() for number in numbers)
    assert all(count == 1 for count in left_out.values())
    pieces = sum(article.pieces for article in articles(history.invoices))
    assert pieces == sum(line.quantity for invoice in history.invoices for line in invoice.lines)
    assert all(invoice.total > Money.zero(history.currency) for invoice in history.invoices)
    assert not {invoice.number for invoice in history.invoices} & {each.invoice for each in history.problems}
