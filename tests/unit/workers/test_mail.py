"""What mails say, and when there is more than one."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from commerce.eventstore import Sealed
from commerce.ordering.order import Order, OrderStatus
from commerce.values.money import Money
from workers.gateways.mail import FileOutbox, Mail, compose

ORDER_ID = uuid4()


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ("dispatched", "your shipment had already left our house"),
        ("delivered", "your shipment had already arrived"),
        ("already_collected", "it can no longer be stopped"),
    ],
)
def test_a_rejected_cancellation_is_told_with_its_cause_in_plain_words(cause: str, said: str) -> None:
    mail = compose(_order(5, cause), "PWK8-KK6P", "cancellation-refused", "Ada")
    assert said in mail.text
    assert mail.text.startswith("Dear Ada,")
    assert mail.subject == "Your order PWK8-KK6P cannot be cancelled any more"
    assert mail.text.endswith(f"\n\nYour order: PWK8-KK6P ({ORDER_ID})\n")


def test_a_second_rejection_of_the_same_order_is_a_mail_of_its_own() -> None:
    first, second = (
        compose(_order(version, "dispatched"), "PWK8-KK6P", "cancellation-refused", "Ada") for version in (5, 7)
    )
    assert first.occasion != second.occasion
    assert compose(_order(3), "PWK8-KK6P", "confirmed", "Ada").occasion == "confirmed"


def _order(version: int, rejection: str | None = None, order_id: UUID = ORDER_ID) -> Order:
    return Order(
        id=order_id,
        version=version,
        status=OrderStatus.CONFIRMED,
        customer_id=None,
        currency="EUR",
        lines=(),
        total=Money.of("1.00", "EUR"),
        shipping_address=Sealed("v1.sealed"),
        payment_method="pm_card_ok",
        refusal=rejection,
    )


async def test_a_mail_goes_to_the_address_that_the_order_has(tmp_path: Path) -> None:
    await FileOutbox(tmp_path).put(
        Mail(ORDER_ID, "shipped", "Your order is on its way", "Dear Ada,", "ada@example.org")
    )
    text = (tmp_path / f"{ORDER_ID}-shipped.txt").read_text(encoding="utf-8")
    assert text.splitlines()[:3] == ["To: ada@example.org", "Subject: Your order is on its way", ""]
