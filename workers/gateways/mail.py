"""The mails to customers: what they say, and the outbox they are put into."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from uuid import UUID, uuid4

from commerce.ordering.order import Order
from commerce.values.money import Money

Kind = Literal["confirmed", "rejected", "cancelled", "cancellation-refused", "shipped", "delivered"]
"""What a mail tells."""

_ID_CHARACTERS = len(str(UUID(int=0)))


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in plain text."""

    about: UUID
    """The order, the customer, or the member of staff."""
    occasion: str
    """What it tells, and which time where that can happen again; an order has one mail for each."""
    subject: str
    text: str
    to: str | None = None
    """The e-mail address it goes to; where the order has none, the outbox keeps it for those who write letters."""


class Outbox(Protocol):
    """Takes mails to customers."""

    async def put(self, mail: Mail) -> bool:
        """Send a mail, unless one about the same and of its occasion was sent before; answers whether it was sent now.
        Safe to repeat."""
        ...

    async def remove(self, about: Collection[UUID]) -> int:
        """Remove all mails about these orders and customers, as far as they are kept here; answers how many. Safe to
        repeat."""
        ...


class FileOutbox:
    """An outbox that is a folder with one file per mail, for its owner's eyes only: `<order id>-<occasion>.txt`, or
    with the customer's id in its place. What a crash left of one begins with a dot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, mail: Mail) -> bool:
        """See `Outbox`. Raises `OSError` where the folder cannot be written."""
        return await asyncio.to_thread(self._put, mail)

    def _put(self, mail: Mail) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{mail.about}-{mail.occasion}.txt"
        if path.exists():
            return False
        draft = self._folder / f".{mail.about}-{uuid4().hex}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                to = f"To: {mail.to}\n" if mail.to else ""
                file.write(f"{to}Subject: {mail.subject}\n\n{mail.text}")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)
                return True
        finally:
            draft.unlink(missing_ok=True)
        return False

    async def remove(self, about: Collection[UUID]) -> int:
        """See `Outbox`. Raises `OSError` where the folder cannot be changed."""
        return await asyncio.to_thread(self._remove, {str(one) for one in about})

    def _remove(self, about: Set[str]) -> int:
        removed = 0
        with suppress(FileNotFoundError), os.scandir(self._folder) as files:
            for file in files:
                if file.name.removeprefix(".")[:_ID_CHARACTERS] in about:
                    Path(file.path).unlink(missing_ok=True)
                    removed += 1
        return removed


def compose(order: Order, number: str, kind: Kind, name: str, email: str | None = None) -> Mail:
    """The mail about an order that has come so far; `name` and `email` are the customer's, in plain text."""
    subject, paragraphs = _CONTENT[kind](order)
    subject = subject.replace("Your order", f"Your order {number}", 1)
    text = "\n\n".join([f"Dear {name},", *paragraphs, f"Your order: {number} ({order.id})"])
    occasion = f"{kind}-{order.version}" if kind == "cancellation-refused" else kind
    return Mail(order.id, occasion, subject, text + "\n", email)


def _confirmed(order: Order) -> tuple[str, list[str]]:
    lines = "\n".join(_line(line.quantity, line.name, line.unit_price * line.quantity) for line in order.lines)
    paragraphs = ["thank you for your order.", f"{lines}\nTotal: {order.total}", _arrival(order)]
    return "Your order is confirmed", paragraphs


def _rejected(order: Order) -> tuple[str, list[str]]:
    why = _REASONS.get(order.reason or "", "it could not be handled")
    return "Your order cannot be delivered", [
        f"we are sorry: {why}.",
        f"Nothing was charged, or it has been given back. ({order.reason})",
    ]


def _cancelled(_order: Order) -> tuple[str, list[str]]:
    return "Your order is cancelled", ["your order is cancelled. What was charged has been given back."]


def _cancellation_refused(order: Order) -> tuple[str, list[str]]:
    why = _TOO_LATE.get(order.refusal or "", "it can no longer be stopped")
    return "Your order cannot be cancelled any more", [
        f"you asked us to cancel your order. That came too late: {why}.",
        "Your order stands as it was; nothing of your payment has been given back.",
    ]


def _shipped(order: Order) -> tuple[str, list[str]]:
    return "Your order is on its way", ["your shipment has left our house.", _arrival(order)]


def _delivered(_order: Order) -> tuple[str, list[str]]:
    return "Your order has arrived", ["your shipment has arrived. We hope you like it."]


_CONTENT = {
    "confirmed": _confirmed,
    "rejected": _rejected,
    "cancelled": _cancelled,
    "cancellation-refused": _cancellation_refused,
    "shipped": _shipped,
    "delivered": _delivered,
}

_TOO_LATE = {
    "dispatched": "your shipment had already left our house",
    "delivered": "your shipment had already arrived",
}

_REASONS = {
    "out_of_stock": "we do not have all of it in stock",
    "payment_declined": "your payment was declined",
    "payment_unavailable": "your payment could not be processed",
    "shipping_unavailable": "no carrier brings it to your address",
    "timed_out": "it took us too long to process it",
    "given_up": "we cannot process it",
}


def _line(quantity: int, name: str, total: Money) -> str:
    return f"{quantity} x {name}: {total}"


def _arrival(order: Order) -> str:
    day = order.estimated_delivery
    arrival = f"{order.carrier} brings it by {day.isoformat() if day else 'an unknown day'}."
    return f"{arrival}\nTracking number: {order.tracking_number}"
