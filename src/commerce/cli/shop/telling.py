"""What a play says at its end: in plain lines for people, as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from commerce.cli.answers import CARRIED_OUT
from commerce.cli.shop.accounts import Report
from commerce.cli.shop.countries import FALLBACK
from commerce.cli.shop.judging import History, articles

_MOST_DIFFERENCES = 20
_FIRST_LINES = 5


def as_data(history: History, report: Report) -> dict[str, object]:
    """Everything, for `--json`."""
    sold = articles(history.invoices)
    return {
        "agrees": report.agrees,
        "differences": report.differences,
        "invoices": {"read": history.invoices_read, "valid": len(history.invoices)},
        "lines": {
            "read": history.lines_read,
            "played": history.lines_played,
            "left_out": {
                reason.value: {"count": len(numbers), "first": numbers[:_FIRST_LINES]}
                for reason, numbers in history.left_out.items()
            },
        },
        "unknown_countries": history.unknown_countries,
        "products": {"stocked": sum(each.stocked for each in sold), "other": sum(not each.stocked for each in sold)},
        "orders": {
            "placed": report.invoices_placed,
            "confirmed": report.carried_out,
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


def as_text(history: History, report: Report) -> Iterator[str]:
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
    yield from _verdict(report)


def _file_text(history: History) -> Iterator[str]:
    invalid = history.invoices_read - len(history.invoices)
    yield "file"
    yield _row("invoices read", history.invoices_read)
    yield _row("  valid, each played as one order", len(history.invoices))
    yield _row("  left out, as no line of theirs is played", invalid)
    yield _row("lines read", history.lines_read)
    yield _row("  played", history.lines_played)
    for reason, numbers in history.left_out.items():
        first = ", ".join(map(str, numbers[:_FIRST_LINES])) + (", …" if len(numbers) > _FIRST_LINES else "")
        yield f"{_row(f'  left out: {reason.value}', len(numbers))}   (line {first})"
    for name, count in history.unknown_countries.items():
        yield _row(f"invoices of unknown country {name!r}, sent to {FALLBACK}", count)


def _orders_text(report: Report) -> Iterator[str]:
    yield "orders"
    yield _row("placed", report.invoices_placed)
    yield _row("  confirmed", report.carried_out)
    yield from _counts("  rejected: ", report.rejected)
    told = {*CARRIED_OUT, "rejected"}
    further = {status: count for status, count in report.statuses.items() if status not in told}
    yield from _counts("  ", further)
    yield _row("refused by the API", report.refused)


def _counts(label: str, counts: Mapping[str, int]) -> Iterator[str]:
    for name, count in sorted(counts.items()):
        yield _row(f"{label}{name}", count)


def _verdict(report: Report) -> Iterator[str]:
    if report.agrees:
        yield "everything agrees, to the penny and to the piece"
        return
    yield f"NOT everything agrees; differences: {len(report.differences)}"
    yield from (f"  {difference}" for difference in report.differences[:_MOST_DIFFERENCES])
    if len(report.differences) > _MOST_DIFFERENCES:
        yield "  … (all of them with --json)"


def _row(label: str, value: object) -> str:
    return f"  {label:<60} {value!s:>16}"
