"""An answer of the provider is compared with what was asked, and never taken for another order's."""

from __future__ import annotations

from uuid import UUID

import pytest

from commerce.payments.comparison import AskedPayment, payment_difference
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import Authorized, CarriedPayment, Declined
from commerce.values.money import Money

ORDER = UUID("11111111-1111-4111-8111-111111111111")
PRICE = Money.of("89.00", "EUR")
ASKED = AskedPayment(PaymentOperation.AUTHORIZE, ORDER, UUID(int=1), None, PRICE)


@pytest.mark.parametrize(
    ("carried", "differs"),
    [
        (CarriedPayment(order_id=str(ORDER).upper()), False),
        (CarriedPayment(order_id=f"urn:uuid:{ORDER}"), False),
        (CarriedPayment(order_id="another"), True),
        (CarriedPayment(is_of_another=True), True),
    ],
)
def test_an_order_has_several_spellings(carried: CarriedPayment, differs: bool) -> None:
    found = payment_difference(ASKED, Authorized("auth-1", PRICE, carried))
    assert (found is not None) == differs
    if found is not None:
        assert (found.status, found.authorization_id, found.amount) == (None, None, None)


def test_a_rejection_of_another_order_is_no_rejection_of_this_one() -> None:
    assert payment_difference(ASKED, Declined("card_declined")) is None
    found = payment_difference(ASKED, Declined("card_declined", CarriedPayment(order_id="another")))
    assert found is not None
    assert found.answered == "rejected (card_declined) for order another"
