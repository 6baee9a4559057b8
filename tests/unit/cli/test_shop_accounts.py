"""The accounts of a play agree only when file, orders, ledger and shelves say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid5

import pytest

from commerce.cli.answers import LedgerEntry, Line, Order, StockLevel
from commerce.cli.shop.accounts import Account, Observed, Report, accounts_of, settle
from commerce.cli.shop.judging import History, Invoice, InvoiceLine
from commerce.cli.shop.playing import Plan, order_of
from commerce.cli.shop.telling import as_data, as_text
from commerce.errors import InvalidInput
from commerce.money import Money

ROOT = UUID(int=7)


def pounds(amount: str) -> Money:
    return Money.of(amount, "GBP")


def id_of(number: str) -> UUID:
    return uuid5(ROOT, number)


def entry(number: str, kind: str, amount: str, currency: str = "GBP") -> LedgerEntry:
    return LedgerEntry(order_id=str(id_of(number)), kind=kind, amount=amount, currency=currency)


def order(number: str, status: str, total: str, *lines: Line, reason: str | None = None) -> Order:
    return Order(order_id=id_of(number), status=status, reason=reason, lines=list(lines), total=pounds(total))


def shelf(sku: str, on_hand: int, reserved: int) -> StockLevel:
    return StockLevel(sku=sku, on_hand=on_hand, reserved=reserved, available=on_hand - reserved)


CUPS, POST = InvoiceLine("CUP", "Cup", 3, pounds("2.50")), InvoiceLine("POST", "Postage", 1, pounds("4.10"))
FIRST, SECOND = Invoice("1", "7", "FR", (CUPS, POST)), Invoice("2", "", "GB", (replace(CUPS, quantity=2),))
HISTORY = History(lines_read=4, invoices_read=3, invoices=[FIRST, SECOND])
THREE_CUPS = (Line(sku="CUP", quantity=3), Line(sku="POST", quantity=1))
TWO_CUPS = Line(sku="CUP", quantity=2)
PAID = [entry("1", "authorized", "11.60"), entry("1", "captured", "11.60")]
SOMEBODY_ELSES = [entry("x", "authorized", "9.99"), entry("x", "captured", "9.99")]
OF_SOMEBODY_ELSE = order("x", "confirmed", "9.99", Line(sku="CUP", quantity=1))

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


def settled(observed: Observed, *, all_in_stock: bool = True) -> Report:
    return settle(HISTORY, observed, all_in_stock=all_in_stock)


def with_order(changed: Order) -> Callable[[Observed], Observed]:
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
    assert (report.invoices_placed, report.carried_out, report.pieces_promised, report.pieces_reserved) == (2, 2, 6, 6)


def test_an_order_that_was_shipped_meanwhile_counts_as_carried_out_and_reserves_nothing() -> None:
    shipped = with_order(order("1", "shipped", "11.60", *THREE_CUPS))(ALL_WELL)
    report = settled(with_stock(shelf("CUP", 7, 3))(shipped))
    assert (report.differences, report.carried_out) == ([], 2)


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
        (
            lambda observed: replace(observed, placed={"1": id_of("1")}, refused={"2": "422: no"}),
            "invoice 2: refused by the API: 422: no",
        ),
    ],
)
def test_whatever_differs_is_found(change: Callable[[Observed], Observed], words: str) -> None:
    report = settled(change(ALL_WELL))
    assert not report.agrees
    assert [difference for difference in report.differences if words in difference] != []


def test_money_that_stays_with_the_provider_for_a_rejected_order_is_found() -> None:
    charged = with_ledger(entry("2", "authorized", "5.00"), entry("2", "captured", "5.00"))
    assert "the provider keeps 5.00 GBP" in settled(charged(ONE_OUT_OF_STOCK), all_in_stock=False).differences[0]
    given_back = with_ledger(*charged(ONE_OUT_OF_STOCK).ledger[-2:], entry("2", "refunded", "5.00"))
    assert settled(given_back(ONE_OUT_OF_STOCK), all_in_stock=False).agrees
    let_go = with_ledger(entry("2", "authorized", "5.00"), entry("2", "voided", "5.00"), entry("2", "declined", "5.00"))
    assert settled(let_go(ONE_OUT_OF_STOCK), all_in_stock=False).agrees


def test_shelves_of_an_order_that_is_being_decided_are_not_compared() -> None:
    deciding = replace(ALL_WELL, orders=[*ALL_WELL.orders, order("y", "placed", "1", Line(sku="CUP", quantity=1))])
    assert settled(with_stock(shelf("CUP", 10, 7))(deciding)).agrees


def test_accounts_sum_up_only_the_orders_asked_for() -> None:
    accounts = accounts_of(ALL_WELL.ledger, {str(id_of("1"))})
    assert accounts == {str(id_of("1")): Account(captured=pounds("11.60"))}


def test_a_movement_in_another_currency_is_not_summed_up() -> None:
    with pytest.raises(InvalidInput, match="different currencies"):
        settled(with_ledger(entry("1", "captured", "1", "EUR"))(ALL_WELL))


def test_the_text_says_every_figure_and_the_verdict() -> None:
    text = "\n".join(as_text(HISTORY, settled(ALL_WELL)))
    assert text.count("16.60 GBP") == 4
    assert "everything agrees" in text
    broken = "\n".join(as_text(HISTORY, settled(ONE_OUT_OF_STOCK)))
    assert "NOT everything agrees; differences: 1" in broken
    assert "rejected: out_of_stock" in broken


def test_the_data_says_every_figure_and_the_verdict() -> None:
    data = as_data(HISTORY, settled(ONE_OUT_OF_STOCK, all_in_stock=False))
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
    body = order_of(FIRST)
    assert body["lines"] == [
        {"sku": "CUP", "quantity": 3, "unit_price": {"amount": "2.50", "currency": "GBP"}},
        {"sku": "POST", "quantity": 1, "unit_price": {"amount": "4.10", "currency": "GBP"}},
    ]
    assert (body["currency"], body["payment_method"]) == ("GBP", "pm_card_ok")
    assert UUID(str(body["customer_id"])).version == 5
    assert order_of(replace(FIRST, number="9"))["customer_id"] == body["customer_id"]
    assert order_of(SECOND)["customer_id"] is None


def plan(digest: str = "d", stock: str = "1.0", most_invoices: int | None = None, concurrency: int = 4) -> Plan:
    return Plan(digest, Decimal(stock), most_invoices, concurrency, 60.0)


def test_the_same_play_has_the_same_keys_however_fast_it_is_played() -> None:
    assert plan(stock="1.0", concurrency=1).key("order", "1") == plan(stock="1", concurrency=64).key("order", "1")


@pytest.mark.parametrize("other", [plan("e"), plan(stock="0.9"), plan(most_invoices=3)])
def test_another_play_has_other_keys(other: Plan) -> None:
    assert other.key("order", "1") != plan().key("order", "1")
    assert plan().key("order", "1") != plan().key("receipt", "1")


def test_many_differences_are_told_in_part_and_counted() -> None:
    many: Sequence[Invoice] = [replace(FIRST, number=str(number)) for number in range(50)]
    report = settle(History(invoices=list(many)), replace(ALL_WELL, placed={}), all_in_stock=True)
    text = list(as_text(History(), report))
    assert any(line.startswith("NOT everything agrees; differences: 50") for line in text)
    assert sum("not placed" in line for line in text) == 20
