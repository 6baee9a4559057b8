"""The accounts of a play: what the file, our orders, the provider's ledger and the shelves say, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from uuid import UUID

from commerce.cli.answers import CARRIED_OUT, ENDED, LedgerEntry, Order, StockLevel
from commerce.cli.shop.judging import CURRENCY, History, Invoice, articles
from commerce.money import Money, total

_NOTHING = Money.zero(CURRENCY)


@dataclass(frozen=True, slots=True)
class Observed:
    """What was asked for, and what the running system and the provider say became of it."""

    placed: Mapping[str, UUID]
    """The order of each invoice."""
    refused: Mapping[str, str]
    """Why the API did not take an invoice."""
    orders: Sequence[Order]
    """All orders of the system, of this play or not."""
    ledger: Sequence[LedgerEntry]
    """All movements of money, for orders of this play or not."""
    stock: Sequence[StockLevel]


@dataclass(frozen=True, slots=True)
class Account:
    """What the provider did for one order."""

    captured: Money = _NOTHING
    refunded: Money = _NOTHING
    set_aside: Money = _NOTHING
    """Authorised, and neither taken nor let go."""

    @property
    def kept(self) -> Money:
        """The money that was taken and not given back."""
        return self.captured - self.refunded


@dataclass(slots=True)
class Report:
    """The result of a play; it agrees when there is no difference."""

    invoices_placed: int
    statuses: Counter[str]
    rejected: Counter[str]
    """How many orders were rejected, by reason."""
    refused: int
    valid_revenue: Money
    """By the file: all invoices that are played."""
    file_revenue: Money
    """By the file: the invoices whose orders were carried out."""
    orders_revenue: Money
    ledger_revenue: Money
    pieces_promised: int
    """By our orders, of the articles of the file: pieces of confirmed orders that have not left yet."""
    pieces_reserved: int
    """By the shelves, of the same articles."""
    differences: list[str] = field(default_factory=list)

    @property
    def carried_out(self) -> int:
        """How many orders were confirmed, whether or not they have been shipped since."""
        return sum(self.statuses[status] for status in CARRIED_OUT)

    @property
    def agrees(self) -> bool:
        """Whether everything is as it has to be."""
        return not self.differences


def settle(history: History, observed: Observed, *, all_in_stock: bool) -> Report:
    """Compare everything, each figure worked out on its own; without stock for all, `out_of_stock` is as it has to be."""
    by_id = {order.order_id: order for order in observed.orders}
    ours = {number: by_id[id_] for number, id_ in observed.placed.items() if id_ in by_id}
    accounts = accounts_of(observed.ledger, {str(id_) for id_ in observed.placed.values()})
    skus = _skus_at_rest(history, observed)
    promised, reserved = _promised(observed.orders, skus), _reserved(observed.stock, skus)
    report = Report(
        invoices_placed=len(observed.placed),
        statuses=Counter(order.status for order in ours.values()),
        rejected=Counter(order.reason or "no reason" for order in ours.values() if order.status == "rejected"),
        refused=len(observed.refused),
        valid_revenue=_sum(invoice.total for invoice in history.invoices),
        file_revenue=_sum(invoice.total for invoice in history.invoices if _is_carried_out(ours.get(invoice.number))),
        orders_revenue=_sum(order.total for order in ours.values() if _is_carried_out(order)),
        ledger_revenue=_sum(account.kept for account in accounts.values()),
        pieces_promised=promised.total(),
        pieces_reserved=reserved.total(),
    )
    allowed = frozenset() if all_in_stock else frozenset({"out_of_stock"})
    report.differences.extend(_orders_apart(history, observed, ours, accounts, allowed))
    report.differences.extend(_sums_apart(report))
    report.differences.extend(_shelves_apart(promised, reserved, observed.stock, skus))
    return report


def accounts_of(ledger: Iterable[LedgerEntry], order_ids: Set[str]) -> dict[str, Account]:
    """Sum up the provider's movements for these orders. Raises `InvalidInput` for one in another currency."""
    accounts: dict[str, Account] = {}
    for entry in ledger:
        if entry.order_id in order_ids:
            accounts[entry.order_id] = _booked(accounts.get(entry.order_id, Account()), entry)
    return accounts


def _booked(account: Account, entry: LedgerEntry) -> Account:
    captured, refunded, set_aside, money = account.captured, account.refunded, account.set_aside, entry.money
    match entry.kind:
        case "authorized":
            return Account(captured, refunded, set_aside + money)
        case "captured":
            return Account(captured + money, refunded, set_aside - money)
        case "voided":
            return Account(captured, refunded, set_aside - money)
        case "refunded":
            return Account(captured, refunded + money, set_aside)
        case _:
            return account


def _sum(amounts: Iterable[Money]) -> Money:
    return total(amounts, CURRENCY)


def _is_carried_out(order: Order | None) -> bool:
    return order is not None and order.status in CARRIED_OUT


def _orders_apart(
    history: History,
    observed: Observed,
    ours: Mapping[str, Order],
    accounts: Mapping[str, Account],
    allowed: frozenset[str],
) -> Iterator[str]:
    """Every invoice, whether it was placed or not, with whatever is wrong; rejected for an `allowed` reason is not."""
    for invoice in history.invoices:
        order = ours.get(invoice.number)
        if order is not None:
            account = accounts.get(str(order.order_id), Account())
            yield from (f"invoice {invoice.number}: {each}" for each in _wrong(invoice, order, account, allowed))
        elif invoice.number in observed.refused:
            yield f"invoice {invoice.number}: refused by the API: {observed.refused[invoice.number]}"
        else:
            yield f"invoice {invoice.number}: not placed, or missing in GET /orders"


def _wrong(invoice: Invoice, order: Order, account: Account, allowed: frozenset[str]) -> Iterator[str]:
    """What is not as it has to be with one order, in plain words."""
    if order.total != invoice.total:
        yield f"{invoice.total} in the file, {order.total} as order {order.order_id}"
    if order.status not in ENDED:
        yield f"order {order.order_id} has not ended, it is {order.status}"
    elif not _is_carried_out(order) and order.reason not in allowed:
        yield f"order {order.order_id} is {order.status}" + (f": {order.reason}" if order.reason else "")
    expected = order.total if _is_carried_out(order) else _NOTHING
    if account.kept != expected:
        yield f"the provider keeps {account.kept} for order {order.order_id}, which is {order.status}, not {expected}"
    if account.set_aside and order.status in ENDED:
        yield f"the provider still sets {account.set_aside} aside for order {order.order_id}, which is {order.status}"


def _sums_apart(report: Report) -> Iterator[str]:
    if not report.file_revenue == report.orders_revenue == report.ledger_revenue:
        yield (
            f"revenue: {report.file_revenue} by the file, {report.orders_revenue} by the orders, "
            f"{report.ledger_revenue} by the ledger"
        )


def _skus_at_rest(history: History, observed: Observed) -> set[str]:
    """The stocked articles of the file, without those that anybody's order is being decided on."""
    stocked = {article.sku for article in articles(history.invoices) if article.stocked}
    return stocked - {line.sku for order in observed.orders if not order.ended for line in order.lines}


def _promised(orders: Iterable[Order], skus: set[str]) -> Counter[str]:
    promised: Counter[str] = Counter()
    for order in orders:
        if order.status == "confirmed":  # what was shipped is on no shelf any more
            for line in order.lines:
                promised[line.sku] += line.quantity if line.sku in skus else 0
    return promised


def _reserved(stock: Iterable[StockLevel], skus: set[str]) -> Counter[str]:
    return Counter({level.sku: level.reserved for level in stock if level.sku in skus})


def _shelves_apart(
    promised: Counter[str], reserved: Counter[str], stock: Iterable[StockLevel], skus: set[str]
) -> Iterator[str]:
    for sku in sorted(skus):
        if promised[sku] != reserved[sku]:
            yield f"stock of {sku}: {promised[sku]} promised to confirmed orders, {reserved[sku]} reserved"
    for level in stock:
        if level.available < 0 or level.available != level.on_hand - level.reserved:
            yield f"stock of {level.sku}: {level.on_hand} on hand, {level.reserved} reserved, {level.available} available"
