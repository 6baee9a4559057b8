"""What a play says at its end: in plain lines for people, as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from commerce.cli.client.answers import FULFILLED, OrderAnswer
from commerce.cli.shop.accounts import PlayReport
from commerce.cli.shop.csv_file import Taken
from commerce.cli.shop.invoice import articles
from commerce.cli.shop.judgement import ShopHistory
from commerce.cli.shop.line_reader import NO_PURCHASE, Reason
from commerce.cli.shop.numerals import Marks

_MOST_DIFFERENCES = 20
_LISTED_LINES = 5
_FURTHER = "  … (all of them with --json)"


def report_data(taken: Taken, history: ShopHistory, report: PlayReport) -> dict[str, object]:
    """Everything, for `--json`."""
    sold = articles(history.invoices)
    return {
        "agrees": report.agrees,
        "differences": report.differences,
        "file": {
            "encoding": taken.encoding,
            "separator": taken.separator,
            "columns": taken.columns,
            "unused_columns": taken.unused,
            "currency": history.currency,
            "decimal_mark": history.marks.decimal,
        },
        "played": report.invoices_placed - len(report.recognised),
        "recognised": list(report.recognised),
        "left_out": [{"invoice": each.invoice or None, "line": each.line, "why": each.why} for each in report.left_out],
        "differing": [{"invoice": each.invoice, "why": each.why} for each in report.differing],
        "left_alone": [{"sku": each.sku, "why": str(each)} for each in report.left_alone],
        "invoices": {"read": history.invoices_read, "valid": len(history.invoices)},
        "lines": {
            "read": history.lines_read,
            "played": history.lines_played,
            "left_out": {
                reason.value: {"count": len(numbers), "first": numbers[:_LISTED_LINES]}
                for reason, numbers in history.left_out.items()
            },
        },
        "products": {"stocked": sum(each.stocked for each in sold), "other": sum(not each.stocked for each in sold)},
        "orders": {
            "placed": report.invoices_placed,
            "confirmed": report.fulfilled,
            "rejected": dict(report.rejected),
            "by_status": dict(report.statuses),
            "refused": report.refused,
        },
        "revenue": {
            "valid": str(report.valid_revenue.amount),
            "file": str(report.file_revenue.amount),
            "orders": str(report.orders_revenue.amount),
            "ledger": str(report.ledger_revenue.amount),
            "currency": report.file_revenue.currency,
        },
        "stock": {"promised": report.pieces_promised, "reserved": report.pieces_reserved},
    }


def taken_as_text(taken: Taken, history: ShopHistory) -> Iterator[str]:
    """What was taken for what, before anything is ordered."""
    yield f"read as {taken.encoding}, columns separated by {taken.separator}"
    yield "columns: " + ", ".join(
        field if name == field else f"{name} is {field}" for field, name in taken.columns.items()
    )
    if taken.unused:
        yield f"columns not used: {', '.join(taken.unused)}"
    yield f"money: {history.currency}; decimal mark: {_decimal_mark(history.marks)}"


def _decimal_mark(marks: Marks) -> str:
    if marks.decimal is None:
        return "not settled, so that a number such as 1,234 is not read"
    return f"{'comma' if marks.decimal == ',' else 'point'}, as in {marks.example}"


def report_text(history: ShopHistory, report: PlayReport) -> Iterator[str]:
    """Everything, line by line; of many differences, the first."""
    yield from _file_text(history)
    yield from _orders_text(report)
    yield "revenue"
    yield _row("by the file, all valid invoices", report.valid_revenue)
    yield _row("by the file, confirmed invoices", report.file_revenue)
    yield _row("by GET /orders", report.orders_revenue)
    yield _row("by the provider's ledger", report.ledger_revenue)
    yield "stock of these articles, in pieces"
    yield _row("promised to confirmed orders", report.pieces_promised)
    yield _row("reserved", report.pieces_reserved)
    yield from _listed(
        "played before",
        [f"invoice {number} was played before: {_told(order)}" for number, order in report.recognised.items()],
    )
    yield from _listed(
        "products left alone; what is ordered of them is ordered at the file's prices", report.left_alone
    )
    yield from _listed("invoices played before that differ, and are not ordered again", report.differing)
    yield from _listed("invoices left out", report.left_out)
    yield from _verdict(report)


def _told(order: OrderAnswer) -> str:
    return f"order {order.order_id}, {order.status}" + (f" ({order.reason})" if order.reason else "")


def _listed(title: str, items: Sequence[object]) -> Iterator[str]:
    """The first of many."""
    if items:
        yield f"{title}: {len(items)}"
        yield from (f"  {item}" for item in items[:_MOST_DIFFERENCES])
        if len(items) > _MOST_DIFFERENCES:
            yield _FURTHER


def _file_text(history: ShopHistory) -> Iterator[str]:
    invalid = history.invoices_read - len(history.invoices)
    yield "file"
    yield _row("invoices read", history.invoices_read)
    yield _row("  valid, each one order", len(history.invoices))
    yield _row("  others: no purchases, or left out", invalid)
    yield _row("lines read", history.lines_read)
    yield _row("  in valid invoices", history.lines_played)
    for reason, numbers in history.left_out.items():
        first = ", ".join(map(str, numbers[:_LISTED_LINES])) + (", …" if len(numbers) > _LISTED_LINES else "")
        yield f"{_row(f'  {_kind(reason)}: {reason.value}', len(numbers))}   (line {first})"


def _kind(reason: Reason) -> str:
    return "no purchase" if reason in NO_PURCHASE else "left out"


def _orders_text(report: PlayReport) -> Iterator[str]:
    yield "orders"
    yield _row("placed", report.invoices_placed - len(report.recognised))
    yield _row("placed by a play before", len(report.recognised))
    yield _row("  confirmed", report.fulfilled)
    yield from _counts("  rejected: ", report.rejected)
    told = {*FULFILLED, "rejected"}
    further = {status: count for status, count in report.statuses.items() if status not in told}
    yield from _counts("  ", further)
    yield _row("not ordered: what they need is not on sale, or refused", report.refused)


def _counts(label: str, counts: Mapping[str, int]) -> Iterator[str]:
    for name, count in sorted(counts.items()):
        yield _row(f"{label}{name}", count)


def _verdict(report: PlayReport) -> Iterator[str]:
    if report.agrees:
        yield "everything agrees, to the penny and to the piece"
        return
    yield f"NOT everything agrees; differences: {len(report.differences)}" + "".join(
        f"; {title}: {len(items)}"
        for title, items in (("invoices that differ", report.differing), ("left out", report.left_out))
        if items
    )
    yield from (f"  {difference}" for difference in report.differences[:_MOST_DIFFERENCES])
    if len(report.differences) > _MOST_DIFFERENCES:
        yield _FURTHER


def _row(label: str, value: object) -> str:
    return f"  {label:<60} {value!s:>16}"
