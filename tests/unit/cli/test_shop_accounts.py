"""The accounts of a play agree only when file, orders, ledger and shelves say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

import pytest

from commerce.cli.client.answers import AddressAnswer, LedgerEntry, LineAnswer, OrderAnswer, StockLevel
from commerce.cli.shop.accounts import Account, LeftAlone, Observed, PlayReport, accounts_of, settle
from commerce.cli.shop.csv_file import Taken
from commerce.cli.shop.invoice import Invoice, InvoiceLine
from commerce.cli.shop.judgement import LeftOut, ShopHistory
from commerce.cli.shop.numerals import Marks
from commerce.cli.shop.order_request import customer_id, order_difference, order_request
from commerce.cli.shop.report import report_data, report_text, taken_as_text
from commerce.values.errors import InvalidInput
from commerce.values.money import Money

ROOT = UUID(int=7)


def pounds(amount: str) -> Money:
    return Money.of(amount, "GBP")


def id_of(number: str) -> UUID:
    return uuid5(ROOT, number)


def entry(number: str, kind: str, amount: str, currency: str = "GBP") -> LedgerEntry:
    return LedgerEntry(order_id=str(id_of(number)), kind=kind, amount=amount, currency=currency)


def order(number: str, status: str, total: str, *lines: LineAnswer, reason: str | None = None) -> OrderAnswer:
    return OrderAnswer(order_id=id_of(number), status=status, reason=reason, lines=list(lines), total=pounds(total))


def shelf(sku: str, on_hand: int, reserved: int) -> StockLevel:
    return StockLevel(sku=sku, on_hand=on_hand, reserved=reserved, available=on_hand - reserved)


CUPS, POST = InvoiceLine("CUP", "Cup", 3, pounds("2.50")), InvoiceLine("POST", "Postage", 1, pounds("4.10"))
FIRST, SECOND = Invoice("1", "7", "FR", (CUPS, POST)), Invoice("2", "", "GB", (replace(CUPS, quantity=2),))
HISTORY = ShopHistory(lines_read=4, invoices_read=3, invoices=[FIRST, SECOND])
TAKEN = Taken("UTF-8", "comma", {"InvoiceNo": "Invoice", "StockCode": "StockCode"}, ("Weight",))
THREE_CUPS = (LineAnswer(sku="CUP", quantity=3), LineAnswer(sku="POST", quantity=1))
TWO_CUPS = LineAnswer(sku="CUP", quantity=2)
PAID = [entry("1", "authorized", "11.60"), entry("1", "captured", "11.60")]
SOMEBODY_ELSES = [entry("x", "authorized", "9.99"), entry("x", "captured", "9.99")]
OF_SOMEBODY_ELSE = order("x", "confirmed", "9.99", LineAnswer(sku="CUP", quantity=1))

ALL_WELL = Observed(
    placed={"1": id_of("1"), "2": id_of("2")},
    refused={},
    orders=[order("1", "confirmed", "11.60", *THREE_CUPS), order("2", "confirmed", "5.00", TWO_CUPS), OF_SOMEBODY_ELSE],
    ledger=[*PAID, entry("2", "authorized", "5.00"), entry("2", "captured", "5.00"), *SOMEBODY_ELSES],
    stock=[shelf("CUP", 10, 6), shelf("OTHER", 5, 5)],
)
ONE_OUT_OF_STOCK = replace(
    ALL_WELL,
    orders=[
        order("1", "confirmed", "11.60", *THREE_CUPS),
        order("2", "rejected", "5.00", TWO_CUPS, reason="out_of_stock"),
        OF_SOMEBODY_ELSE,
    ],
    ledger=[*PAID, *SOMEBODY_ELSES],
    stock=[shelf("CUP", 4, 4)],
)


def settled(observed: Observed, *, all_in_stock: bool = True) -> PlayReport:
    return settle(HISTORY, observed, all_in_stock=all_in_stock)


def with_order(changed: OrderAnswer) -> Callable[[Observed], Observed]:
    def change(observed: Observed) -> Observed:
        return replace(
            observed, orders=[changed if each.order_id == changed.order_id else each for each in observed.orders]
        )

    return change


def with_ledger(*further: LedgerEntry) -> Callable[[Observed], Observed]:
    return lambda observed: replace(observed, ledger=[*observed.ledger, *further])


def with_stock(*levels: StockLevel) -> Callable[[Observed], Observed]:
    return lambda observed: replace(observed, stock=levels)


def test_everything_agrees_and_each_revenue_stands_for_itself() -> None:
    report = settled(ALL_WELL)
    assert report.differences == []
    assert (
        report.valid_revenue == report.file_revenue == report.orders_revenue == report.ledger_revenue == pounds("16.60")
    )
    assert (report.invoices_placed, report.fulfilled, report.pieces_promised, report.pieces_reserved) == (2, 2, 6, 6)


def test_an_order_that_was_shipped_meanwhile_counts_as_carried_out_and_reserves_nothing() -> None:
    shipped = with_order(order("1", "shipped", "11.60", *THREE_CUPS))(ALL_WELL)
    report = settled(with_stock(shelf("CUP", 7, 3))(shipped))
    assert (report.differences, report.fulfilled) == ([], 2)


def test_out_of_stock_is_as_it_has_to_be_only_when_not_all_was_received() -> None:
    report = settled(ONE_OUT_OF_STOCK, all_in_stock=False)
    assert (report.differences, report.rejected) == ([], {"out_of_stock": 1})
    assert (report.valid_revenue, report.file_revenue) == (pounds("16.60"), pounds("11.60"))
    assert report.file_revenue == report.orders_revenue == report.ledger_revenue
    assert settled(ONE_OUT_OF_STOCK).differences == [f"invoice 2: order {id_of('2')} is rejected: out_of_stock"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            with_order(order("1", "confirmed", "11.59", *THREE_CUPS)),
            "invoice 1: 11.60 GBP in the file, 11.59 GBP as order",
        ),
        (with_order(order("1", "placed", "11.60", *THREE_CUPS)), "has not ended, it is placed"),
        (with_order(order("1", "cancelled", "11.60", *THREE_CUPS)), f"invoice 1: order {id_of('1')} is cancelled"),
        (with_order(order("1", "rejected", "11.60", reason="timed_out")), "is rejected: timed_out"),
        (with_ledger(entry("1", "captured", "0.01")), "the provider keeps 11.61 GBP"),
        (with_ledger(entry("1", "refunded", "0.01")), "the provider keeps 11.59 GBP"),
        (with_ledger(entry("1", "authorized", "1.00")), "still sets 1.00 GBP aside"),
        (
            with_ledger(entry("1", "captured", "0.01")),
            "revenue: 16.60 GBP by the file, 16.60 GBP by the orders, 16.61 GBP",
        ),
        (with_stock(shelf("CUP", 10, 5)), "stock of CUP: 6 promised to confirmed orders, 5 reserved"),
        (with_stock(shelf("CUP", 5, 6)), "stock of CUP: 5 on hand, 6 reserved, -1 available"),
        (with_stock(), "stock of CUP: 6 promised to confirmed orders, 0 reserved"),
        (lambda observed: replace(observed, placed={"1": id_of("1")}), "invoice 2: not placed"),
        (
            lambda observed: replace(observed, orders=observed.orders[1:]),
            "invoice 1: not placed, or missing in GET /orders",
        ),
    ],
)
def test_whatever_differs_is_found(change: Callable[[Observed], Observed], words: str) -> None:
    report = settled(change(ALL_WELL))
    assert not report.agrees
    assert [order_difference for order_difference in report.differences if words in order_difference] != []


def test_money_that_stays_with_the_provider_for_a_rejected_order_is_found() -> None:
    charged = with_ledger(entry("2", "authorized", "5.00"), entry("2", "captured", "5.00"))
    assert "the provider keeps 5.00 GBP" in settled(charged(ONE_OUT_OF_STOCK), all_in_stock=False).differences[0]
    given_back = with_ledger(*charged(ONE_OUT_OF_STOCK).ledger[-2:], entry("2", "refunded", "5.00"))
    assert settled(given_back(ONE_OUT_OF_STOCK), all_in_stock=False).agrees
    let_go = with_ledger(entry("2", "authorized", "5.00"), entry("2", "voided", "5.00"), entry("2", "declined", "5.00"))
    assert settled(let_go(ONE_OUT_OF_STOCK), all_in_stock=False).agrees


def test_shelves_of_an_order_that_is_being_decided_are_not_compared() -> None:
    deciding = replace(
        ALL_WELL, orders=[*ALL_WELL.orders, order("y", "placed", "1", LineAnswer(sku="CUP", quantity=1))]
    )
    assert settled(with_stock(shelf("CUP", 10, 7))(deciding)).agrees


def test_accounts_sum_up_only_the_orders_asked_for() -> None:
    nothing = pounds("0")
    accounts = accounts_of(ALL_WELL.ledger, {id_of("1"), id_of("3")}, "GBP")
    assert accounts == {id_of("1"): Account(pounds("11.60"), nothing, nothing), id_of("3"): Account.empty("GBP")}


def test_a_movement_in_another_currency_is_not_summed_up() -> None:
    with pytest.raises(InvalidInput, match="different currencies"):
        settled(with_ledger(entry("1", "captured", "1", "EUR"))(ALL_WELL))


def test_the_text_says_every_figure_and_the_verdict() -> None:
    text = "\n".join(report_text(HISTORY, settled(ALL_WELL)))
    assert text.count("16.60 GBP") == 4
    assert "everything agrees" in text
    broken = "\n".join(report_text(HISTORY, settled(ONE_OUT_OF_STOCK)))
    assert "NOT everything agrees; differences: 1" in broken
    assert "rejected: out_of_stock" in broken


def test_the_data_says_every_figure_and_the_verdict() -> None:
    data = report_data(TAKEN, HISTORY, settled(ONE_OUT_OF_STOCK, all_in_stock=False))
    assert data["agrees"] is True
    assert data["orders"] == {
        "placed": 2,
        "confirmed": 1,
        "rejected": {"out_of_stock": 1},
        "by_status": {"confirmed": 1, "rejected": 1},
        "refused": 0,
    }
    assert data["revenue"] == {
        "valid": "16.60",
        "file": "11.60",
        "orders": "11.60",
        "ledger": "11.60",
        "currency": "GBP",
    }


def test_an_invoice_becomes_an_order_at_its_own_prices() -> None:
    body = order_request(FIRST).to_dict()
    assert body["lines"] == [
        {"sku": "CUP", "quantity": 3, "unit_price": {"amount": "2.50", "currency": "GBP"}},
        {"sku": "POST", "quantity": 1, "unit_price": {"amount": "4.10", "currency": "GBP"}},
    ]
    assert (body["currency"], body["payment_method"]) == ("GBP", "pm_card_ok")
    assert UUID(str(body["customer_id"])).version == 5
    assert order_request(replace(FIRST, number="9")).to_dict()["customer_id"] == body["customer_id"]
    assert order_request(SECOND).customer_id is None


def test_an_order_is_the_invoices_when_lines_buyer_and_country_are_the_same_in_whatever_order() -> None:
    assert order_difference(FIRST, as_ordered(FIRST)) == ""
    assert order_difference(SECOND, as_ordered(SECOND)) == ""
    assert order_difference(replace(FIRST, lines=FIRST.lines[::-1]), as_ordered(FIRST)) == ""


@pytest.mark.parametrize(
    ("corrected", "words"),
    [
        (
            replace(FIRST, lines=(replace(CUPS, quantity=4), POST)),
            "4 x CUP at 2.50 GBP is in the file only; 3 x CUP at 2.50 GBP is in the order only; 14.10 GBP in the file",
        ),
        (replace(FIRST, lines=(CUPS,)), "1 x POST at 4.10 GBP is in the order only"),
        (replace(FIRST, lines=(CUPS, POST, POST)), "1 x POST at 4.10 GBP is in the file only"),
        (
            replace(
                FIRST,
                lines=(
                    replace(CUPS, unit_price=Money.of("2.50", "EUR")),
                    replace(POST, unit_price=Money.of("4.10", "EUR")),
                ),
            ),
            "3 x CUP at 2.50 EUR is in the file only",
        ),
        (replace(FIRST, customer="8"), "the order is not that of customer 8"),
        (replace(FIRST, customer=""), "the order is no guest's"),
        (replace(FIRST, country="ES"), "to ES in the file, to FR in the order"),
    ],
)
def test_a_corrected_invoice_differs_from_its_order(corrected: Invoice, words: str) -> None:
    assert words in order_difference(corrected, as_ordered(FIRST))


def as_ordered(invoice: Invoice) -> OrderAnswer:
    return OrderAnswer(
        order_id=id_of(invoice.number),
        customer_id=customer_id(invoice.customer),
        status="confirmed",
        lines=[LineAnswer(sku=line.sku, quantity=line.quantity, unit_price=line.unit_price) for line in invoice.lines],
        total=invoice.total,
        shipping_address=AddressAnswer(country=invoice.country),
    )


BEFORE = replace(ALL_WELL, recognised={"1", "2"})


def test_an_invoice_that_was_played_before_is_told_and_is_no_difference() -> None:
    report = settled(BEFORE)
    assert report.agrees
    assert list(report.recognised) == ["1", "2"]
    text = "\n".join(report_text(HISTORY, report))
    assert f"invoice 1 was played before: order {id_of('1')}, confirmed" in text
    assert report_data(TAKEN, HISTORY, report)["recognised"] == ["1", "2"]
    assert report_data(TAKEN, HISTORY, report)["played"] == 0


def test_what_people_did_with_an_order_since_it_was_played_is_no_difference() -> None:
    assert settled(with_ledger(entry("1", "refunded", "3.00"))(BEFORE)).agrees
    cancelled = with_order(order("1", "cancelled", "11.60", *THREE_CUPS))(BEFORE)
    given_back = with_stock(shelf("CUP", 7, 3))(with_ledger(entry("1", "refunded", "11.60"))(cancelled))
    assert settled(given_back).agrees
    assert not settled(with_stock(shelf("CUP", 7, 3))(cancelled)).agrees  # the money was not given back


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (with_ledger(entry("1", "captured", "11.60"))(BEFORE), "the provider keeps 23.20 GBP"),
        (with_order(order("1", "rejected", "11.60", reason="timed_out"))(BEFORE), "is rejected: timed_out"),
        (with_order(order("1", "placed", "11.60", *THREE_CUPS))(BEFORE), "has not ended"),
    ],
)
def test_an_order_of_a_play_before_is_held_to_what_was_charged(observed: Observed, words: str) -> None:
    assert [order_difference for order_difference in settled(observed).differences if words in order_difference] != []


def test_an_invoice_that_differs_or_cannot_be_ordered_is_told_and_the_verdict_is_not_that_all_agrees() -> None:
    only_first = replace(ALL_WELL, placed={"1": id_of("1")})
    differing = settled(replace(only_first, differing={"2": "was played before, and differs"}))
    refused = settled(replace(only_first, refused={"2": "product 'CUP' is not on sale any more"}))
    for report in (differing, refused):
        assert (report.agrees, report.differences) == (False, [])
    assert "  invoice 2: was played before, and differs" in report_text(HISTORY, differing)
    assert "  invoice 2: product 'CUP' is not on sale any more" in report_text(HISTORY, refused)
    assert "NOT everything agrees; differences: 0; left out: 1" in report_text(HISTORY, refused)


def test_an_invoice_left_out_of_the_file_is_told_with_its_line_and_nothing_agrees() -> None:
    history = replace(HISTORY, problems=[LeftOut("7001", "the price 'x' is no number", 3)])
    report = settle(history, ALL_WELL, all_in_stock=True)
    assert not report.agrees
    assert "  invoice 7001, line 3: the price 'x' is no number" in report_text(history, report)
    assert report_data(TAKEN, history, report)["left_out"] == [
        {"invoice": "7001", "line": 3, "why": "the price 'x' is no number"}
    ]


def test_a_product_that_was_left_alone_is_told_and_is_no_difference() -> None:
    alone = LeftAlone("CUP", "Mug", pounds("9"), "Cup", pounds("2.50"))
    report = settled(replace(ALL_WELL, left_alone=[alone]))
    assert report.agrees
    assert f"  {alone}" in report_text(HISTORY, report)
    assert str(alone) == "CUP stays 'Mug' at 9.00 GBP, and is 'Cup' at 2.50 GBP in the file"
    assert report_data(TAKEN, HISTORY, report)["left_alone"] == [{"sku": "CUP", "why": str(alone)}]


def test_of_what_is_not_kept_in_stock_no_shelf_is_compared() -> None:
    assert settled(replace(ALL_WELL, stock=[], unstocked={"CUP"})).agrees


def test_what_was_taken_for_what_is_told_before_anything_is_ordered() -> None:
    assert list(taken_as_text(TAKEN, HISTORY)) == [
        "read as UTF-8, columns separated by comma",
        "columns: Invoice is InvoiceNo, StockCode",
        "columns not used: Weight",
        "money: GBP; decimal mark: not settled, so that a number such as 1,234 is not read",
    ]
    euros = replace(HISTORY, currency="EUR", marks=Marks(",", "2,55"))
    assert list(taken_as_text(TAKEN, euros))[-1] == "money: EUR; decimal mark: comma, as in 2,55"


def test_many_differences_are_told_in_part_and_counted() -> None:
    many: Sequence[Invoice] = [replace(FIRST, number=str(number)) for number in range(50)]
    report = settle(ShopHistory(invoices=list(many)), replace(ALL_WELL, placed={}), all_in_stock=True)
    text = list(report_text(ShopHistory(), report))
    assert any(line.startswith("NOT everything agrees; differences: 50") for line in text)
    assert sum("not placed" in line for line in text) == 20
