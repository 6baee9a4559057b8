"""The accounts of a play: what the file, our orders, the provider's ledger and the shelves say, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from operator import attrgetter
from uuid import UUID

from commerce.cli.client.answers import ENDED, FULFILLED, LedgerEntry, OrderAnswer, StockLevel
from commerce.cli.shop.invoice import Invoice, articles
from commerce.cli.shop.judgement import LeftOut, ShopHistory
from commerce.values.money import Money, total

_CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A product that was on sale already, otherwise than in the file."""

    sku: str
    name: str
    price: Money
    name_in_file: str
    price_in_file: Money

    def __str__(self) -> str:
        in_file = f"{self.name_in_file!r} at {self.price_in_file} in the file"
        return f"{self.sku} stays {self.name!r} at {self.price}, and is {in_file}"


@dataclass(frozen=True, slots=True)
class Observed:
    """What was asked for, and what the running system and the provider say became of it."""

    placed: Mapping[str, UUID] = field(default_factory=dict)
    """The order of each invoice that has one."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Why an invoice was not ordered."""
    recognised: Set[str] = frozenset()
    """The invoices that were played before."""
    differing: Mapping[str, str] = field(default_factory=dict)
    """The invoices that were played before and say something else now."""
    left_alone: Sequence[LeftAlone] = ()
    unstocked: Set[str] = frozenset()
    """The SKUs of which the system keeps no stock."""
    orders: Sequence[OrderAnswer] = ()
    """All orders of the system, of this play or not."""
    ledger: Sequence[LedgerEntry] = ()
    """All movements of money, for orders of this play or not."""
    stock: Sequence[StockLevel] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What the provider did for one order."""

    captured: Money
    refunded: Money
    set_aside: Money
    """Authorised, and neither taken nor let go."""

    @staticmethod
    def empty(currency: str) -> Account:
        """The account of an order that the provider knows nothing of."""
        nothing = Money.zero(currency)
        return Account(nothing, nothing, nothing)

    @property
    def kept(self) -> Money:
        """The money that was taken and not given back."""
        return self.captured - self.refunded


@dataclass(slots=True)
class PlayReport:
    """The result of a play; it agrees when there is no difference and no invoice was left out."""

    invoices_placed: int
    """The invoices that have an order, placed in this play or before."""
    recognised: dict[str, OrderAnswer]
    """The orders of the invoices that were played before."""
    statuses: Counter[str]
    rejected: Counter[str]
    """How many orders were rejected, by reason."""
    refused: int
    left_out: list[LeftOut]
    """Each line, and each answer of the system, that kept an invoice from being ordered."""
    differing: list[LeftOut]
    """The invoices that were played before and say something else now."""
    left_alone: list[LeftAlone]
    valid_revenue: Money
    """By the file: all invoices that are played."""
    file_revenue: Money
    """By the file: the invoices whose orders were fulfilled."""
    orders_revenue: Money
    ledger_revenue: Money
    pieces_promised: int
    """By our orders, of the articles of the file: pieces of confirmed orders that have not left yet."""
    pieces_reserved: int
    """By the shelves, of the same articles."""
    differences: list[str] = field(default_factory=list)

    @property
    def fulfilled(self) -> int:
        """How many orders were confirmed, whether or not they have been shipped since."""
        return sum(self.statuses[status] for status in FULFILLED)

    @property
    def agrees(self) -> bool:
        """Whether everything of the file is ordered, and everything is as it has to be."""
        return not (self.differences or self.differing or self.left_out)


def settle(history: ShopHistory, observed: Observed, *, all_in_stock: bool) -> PlayReport:
    """Compare everything, each figure worked out on its own; without stock for all, `out_of_stock` is as it has
    to be."""
    by_id = {order.order_id: order for order in observed.orders}
    ours = {number: by_id[id_] for number, id_ in observed.placed.items() if id_ in by_id}
    accounts = accounts_of(observed.ledger, set(observed.placed.values()), history.currency)
    for number in observed.recognised & ours.keys():
        accounts[ours[number].order_id] = _when_played(accounts[ours[number].order_id], ours[number])
    fulfilled = {number for number, order in ours.items() if order.fulfilled}
    skus = _skus_at_rest(history, observed)
    promised = _promised(observed.orders, skus)
    reserved = Counter({level.sku: level.reserved for level in observed.stock if level.sku in skus})
    report = PlayReport(
        invoices_placed=len(observed.placed),
        recognised={number: order for number, order in ours.items() if number in observed.recognised},
        statuses=Counter(order.status for order in ours.values()),
        rejected=Counter(order.reason or "no reason" for order in ours.values() if order.status == "rejected"),
        refused=len(observed.refused),
        left_out=history.problems + _of_invoices(observed.refused),
        differing=_of_invoices(observed.differing),
        left_alone=sorted(observed.left_alone, key=attrgetter("sku")),
        valid_revenue=total((invoice.total for invoice in history.invoices), history.currency),
        file_revenue=total((each.total for each in history.invoices if each.number in fulfilled), history.currency),
        orders_revenue=total((ours[number].total for number in fulfilled), history.currency),
        ledger_revenue=total((account.kept for account in accounts.values()), history.currency),
        pieces_promised=promised.total(),
        pieces_reserved=reserved.total(),
    )
    allowed = frozenset() if all_in_stock else frozenset({"out_of_stock"})
    report.differences.extend(_orders_apart(history, observed, ours, accounts, allowed))
    report.differences.extend(_sums_apart(report))
    report.differences.extend(_shelves_apart(promised, reserved, observed.stock, skus))
    return report


def _of_invoices(reasons: Mapping[str, str]) -> list[LeftOut]:
    return [LeftOut(number, why) for number, why in reasons.items()]


def accounts_of(ledger: Iterable[LedgerEntry], order_ids: Set[UUID], currency: str) -> dict[UUID, Account]:
    """Sum up the provider's movements for each of these orders. Raises `InvalidInput` for one in another currency."""
    accounts = {order_id: Account.empty(currency) for order_id in order_ids}
    by_name = {str(order_id): order_id for order_id in order_ids}
    for entry in ledger:
        order_id = by_name.get(entry.order_id)
        if order_id is not None:
            accounts[order_id] = _booked(accounts[order_id], entry)
    return accounts


def _when_played(account: Account, order: OrderAnswer) -> Account:
    """The account as an earlier play left it: what people have given back since is as it has to be."""
    return replace(account, refunded=account.refunded * 0) if order.fulfilled else account


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


def _orders_apart(
    history: ShopHistory,
    observed: Observed,
    ours: Mapping[str, OrderAnswer],
    accounts: Mapping[UUID, Account],
    allowed: frozenset[str],
) -> Iterator[str]:
    """Every invoice that is to have an order, with whatever is wrong; rejected for an `allowed` reason is not."""
    for invoice in history.invoices:
        if invoice.number in observed.refused or invoice.number in observed.differing:
            continue
        order = ours.get(invoice.number)
        if order is None:
            yield f"invoice {invoice.number}: not placed, or missing in GET /orders"
            continue
        as_it_may_be = allowed | ({_CANCELLED} if invoice.number in observed.recognised else frozenset())
        wrong = _wrong(invoice, order, accounts[order.order_id], as_it_may_be)
        yield from (f"invoice {invoice.number}: {each}" for each in wrong)


def _wrong(invoice: Invoice, order: OrderAnswer, account: Account, allowed: frozenset[str]) -> Iterator[str]:
    """What is not as it has to be with one order, in plain words."""
    if order.total != invoice.total:
        yield f"{invoice.total} in the file, {order.total} as order {order.order_id}"
    if order.status not in ENDED:
        yield f"order {order.order_id} has not ended, it is {order.status}"
    elif not order.fulfilled and not {order.status, order.reason} & allowed:
        yield f"order {order.order_id} is {order.status}" + (f": {order.reason}" if order.reason else "")
    expected = order.total if order.fulfilled else Money.zero(order.total.currency)
    if account.kept != expected:
        yield f"the provider keeps {account.kept} for order {order.order_id}, which is {order.status}, not {expected}"
    if account.set_aside and order.status in ENDED:
        yield f"the provider still sets {account.set_aside} aside for order {order.order_id}, which is {order.status}"


def _sums_apart(report: PlayReport) -> Iterator[str]:
    if not report.file_revenue == report.orders_revenue == report.ledger_revenue:
        yield (
            f"revenue: {report.file_revenue} by the file, {report.orders_revenue} by the orders, "
            f"{report.ledger_revenue} by the ledger"
        )


def _skus_at_rest(history: ShopHistory, observed: Observed) -> set[str]:
    """The stocked articles of the file, without those that anybody's order is being decided on."""
    stocked = {article.sku for article in articles(history.invoices) if article.stocked}
    return (
        stocked
        - observed.unstocked
        - {line.sku for order in observed.orders if not order.ended for line in order.lines}
    )


def _promised(orders: Iterable[OrderAnswer], skus: set[str]) -> Counter[str]:
    promised: Counter[str] = Counter()
    for order in orders:
        if order.status == "confirmed":  # what was shipped is on no shelf any more
            for line in order.lines:
                promised[line.sku] += line.quantity if line.sku in skus else 0
    return promised


def _shelves_apart(
    promised: Counter[str], reserved: Counter[str], stock: Iterable[StockLevel], skus: set[str]
) -> Iterator[str]:
    for sku in sorted(skus):
        if promised[sku] != reserved[sku]:
            yield f"stock of {sku}: {promised[sku]} promised to confirmed orders, {reserved[sku]} reserved"
    for level in stock:
        if level.available < 0 or level.available != level.on_hand - level.reserved:
            pieces = f"{level.on_hand} on hand, {level.reserved} reserved, {level.available} available"
            yield f"stock of {level.sku}: {pieces}"
