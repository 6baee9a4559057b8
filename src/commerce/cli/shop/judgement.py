"""Which invoices of a shop's history are orders: an invoice is played whole, or left out whole for a reason that
is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from commerce.cli.shop.countries import country_code
from commerce.cli.shop.csv_file import Cells, FileLine
from commerce.cli.shop.currencies import MarkedPrice, only_currency, split_price
from commerce.cli.shop.invoice import Invoice, InvoiceLine
from commerce.cli.shop.line_reader import (
    CURRENCY,
    Reader,
    Reason,
    UnclearLine,
    invoice_number,
    is_rounded,
    shown_cell,
    whole_number,
)
from commerce.cli.shop.numerals import Marks
from commerce.ordering.order import MOST_LINES
from commerce.values.errors import InvalidInput
from commerce.values.money import LARGEST


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An invoice that may have been a purchase and is not played, or a line that belongs to none."""

    invoice: str
    why: str
    line: int | None = None
    """By the number an editor shows; None where it is not about a line of the file."""

    def __str__(self) -> str:
        invoice = f"invoice {self.invoice}" if self.invoice else "no invoice"
        return f"{invoice}: {self.why}" if self.line is None else f"{invoice}, line {self.line}: {self.why}"


@dataclass(slots=True)
class ShopHistory:
    """What is played of a file, and what is not: `lines_read` is the played lines and the left-out ones, always."""

    currency: str = CURRENCY
    marks: Marks = field(default_factory=Marks)
    lines_read: int = 0
    invoices_read: int = 0
    invoices: list[Invoice] = field(default_factory=list)
    left_out: dict[Reason, list[int]] = field(default_factory=dict)
    """The numbers of the lines left out, by reason."""
    problems: list[LeftOut] = field(default_factory=list)
    """Each line that keeps an invoice from being played."""

    @property
    def lines_played(self) -> int:
        """How many lines the invoices have."""
        return sum(len(invoice.lines) for invoice in self.invoices)

    def leave_out(self, reason: Reason, numbers: Iterable[int]) -> None:
        """Count lines as not played."""
        self.left_out.setdefault(reason, []).extend(numbers)


def judge(lines: Sequence[FileLine], most_invoices: int | None = None, currency: str | None = None) -> ShopHistory:
    """Judge all lines; of the file's invoices, by their numbers, only the first `most_invoices` are played."""
    cells = [line.cells for line in lines if line.cells is not None]
    prices = list(_prices(cells))
    marks = Marks.of([price.number for price in prices] + [each.quantity for each in cells])
    reader = Reader(currency or only_currency(prices) or CURRENCY, marks)
    history = ShopHistory(currency=reader.currency, marks=marks, lines_read=len(lines))
    by_invoice = _sorted(history, lines, most_invoices)
    history.invoices_read = len(by_invoice)
    for place, (number, found) in enumerate(by_invoice.items()):
        if most_invoices is not None and place >= most_invoices:
            history.leave_out(Reason.BEYOND, [line for line, _ in found.lines])
        else:
            _judge_invoice(history, reader, number, found)
    return history


def _prices(cells: Iterable[Cells]) -> Iterable[MarkedPrice]:
    for each in cells:
        try:
            yield split_price(each.price, each.currency)
        except InvalidInput:
            yield MarkedPrice("", None)


@dataclass(slots=True)
class _Found:
    """What the file holds of one invoice."""

    lines: list[tuple[int, Cells]] = field(default_factory=list)
    unclear: list[tuple[int, UnclearLine]] = field(default_factory=list)
    """Lines without cells, or without a number, that may belong to it."""


def _sorted(history: ShopHistory, lines: Sequence[FileLine], most_invoices: int | None) -> dict[str, _Found]:
    """The lines by their invoice. One that may belong to several keeps each of them from being played."""
    found: dict[str, _Found] = {}
    whole = {invoice_number(line.cells.invoice) for line in lines if line.cells is not None}
    above = ""
    for line in lines:
        number = invoice_number(line.cells.invoice) if line.cells is not None else ""
        if line.cells is not None and number:
            found.setdefault(number, _Found()).lines.append((line.number, line.cells))
            above = number
            continue
        unclear, suspects = _unplaced(line, whole, above)
        history.leave_out(unclear.reason, [line.number])
        for suspect in suspects:
            found.setdefault(suspect, _Found()).unclear.append((line.number, unclear))
        if not suspects and (most_invoices is None or len(found) <= most_invoices):
            history.problems.append(LeftOut("", str(unclear), line.number))
    return found


def _unplaced(line: FileLine, whole: Set[str], above: str) -> tuple[UnclearLine, list[str]]:
    """What is wrong with a line that names no invoice, or not for certain, and the invoices that it may belong to."""
    if line.cells is None:
        claims = [number for number in map(invoice_number, line.claims) if number]
        why = "the line has not as many columns as the heading"
        return UnclearLine(Reason.UNREADABLE_COLUMNS, why), [each for each in claims if each in whole] or claims[:1]
    if line.cells.invoice:
        why = f"the invoice number {shown_cell(line.cells.invoice)} cannot be read"
        return UnclearLine(Reason.UNREADABLE_INVOICE, why), []
    why = "the line has no invoice number" + (", and may belong to the invoice above it" if above else "")
    return UnclearLine(Reason.UNREADABLE_INVOICE, why), [above] if above else []


def _judge_invoice(history: ShopHistory, reader: Reader, number: str, found: _Found) -> None:
    if not found.unclear and _is_cancellation(reader, found.lines):
        for line, cells in found.lines:
            history.leave_out(reader.returned(cells), [line])
        return
    purchases, others, unclear = _judge_lines(reader, found)
    if purchases:
        unclear.extend(_unclear_as_a_whole(found.lines, purchases, others))
    own_reasons = others | {line: problem.reason for line, problem in unclear}
    if unclear:
        history.problems.extend(LeftOut(number, str(problem), line) for line, problem in sorted(unclear, key=_line_of))
    elif purchases:
        history.invoices.append(_invoice(number, found.lines[0][1], purchases.values()))
    for line, _ in found.lines:
        if unclear or line in others:
            history.leave_out(own_reasons.get(line, Reason.WITH_ITS_INVOICE), [line])


def _is_cancellation(reader: Reader, lines: Iterable[tuple[int, Cells]]) -> bool:
    """Whether pieces only came back; nothing is ordered then, whatever else cannot be read."""
    try:
        quantities = [reader.quantity(cells.quantity) for _, cells in lines]
    except UnclearLine:
        return False
    return max(quantities) <= 0 and min(quantities) < 0


def _judge_lines(
    reader: Reader, found: _Found
) -> tuple[dict[int, InvoiceLine], dict[int, Reason], list[tuple[int, UnclearLine]]]:
    """The lines that are a purchase, those that are none, and those that are not clear."""
    purchases: dict[int, InvoiceLine] = {}
    others: dict[int, Reason] = {}
    unclear = list(found.unclear)
    for number, cells in found.lines:
        try:
            judged = reader.line(cells)
        except UnclearLine as problem:
            unclear.append((number, problem))
        else:
            if isinstance(judged, Reason):
                others[number] = judged
            else:
                purchases[number] = judged
    return purchases, others, unclear


def _unclear_as_a_whole(
    lines: Sequence[tuple[int, Cells]], purchases: Mapping[int, InvoiceLine], others: Mapping[int, Reason]
) -> Iterator[tuple[int, UnclearLine]]:
    """What keeps lines that are clear by themselves from being one order."""
    for line, reason in others.items():
        if reason in (Reason.CANCELLATION, Reason.WRITE_OFF):
            yield line, UnclearLine(Reason.MIXED_SIGNS, "pieces come back here, and are bought in other lines")
        elif reason is Reason.NEGATIVE_PRICE:
            yield line, UnclearLine(Reason.MIXED_PRICES, "the price is negative here, and positive in other lines")
    yield from _unclear_buyers(lines)
    first, _ = lines[0]
    sum_ = sum(line.unit_price.amount * line.quantity for line in purchases.values())
    if len(purchases) > MOST_LINES:
        why = f"the invoice has {len(purchases)} lines, and an order at most {MOST_LINES}"
        yield first, UnclearLine(Reason.INVOICE_TOO_LONG, why)
    elif sum_ >= LARGEST:
        yield (
            first,
            UnclearLine(Reason.INVOICE_TOO_LARGE, f"the invoice comes to {sum_:f}, and amounts stay below {LARGEST:f}"),
        )


def _unclear_buyers(lines: Sequence[tuple[int, Cells]]) -> Iterator[tuple[int, UnclearLine]]:
    first, buyer = lines[0]
    if country_code(buyer.country) is None:
        yield first, UnclearLine(Reason.UNKNOWN_COUNTRY, f"the country {shown_cell(buyer.country)} is not known")
    if is_rounded(buyer.customer):
        why = f"the customer {shown_cell(buyer.customer)} is a rounded number"
        yield first, UnclearLine(Reason.UNREADABLE_CUSTOMER, why)
    for number, cells in lines[1:]:
        if _buyer(cells) != _buyer(buyer):
            here, there = (f"{shown_cell(each.customer)} in {shown_cell(each.country)}" for each in (cells, buyer))
            yield (
                number,
                UnclearLine(Reason.OTHER_BUYER, f"the buyer is {here}, and {there} in the invoice's first line"),
            )


def _buyer(cells: Cells) -> tuple[str, str]:
    return whole_number(cells.customer), country_code(cells.country) or cells.country.casefold()


def _invoice(number: str, cells: Cells, lines: Iterable[InvoiceLine]) -> Invoice:
    customer, country = _buyer(cells)
    return Invoice(number, customer, country, tuple(lines))


def _line_of(unclear: tuple[int, UnclearLine]) -> int:
    return unclear[0]
