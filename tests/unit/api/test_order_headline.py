"""The sentence on top of an order's page says how a parcel is on its way."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from api.pages.languages import language_of
from api.pages.renderer import environment_of

SHIPPED = {"status": "shipped", "cancellation_refused": None}
NO_MONEY = {name: {"amount": "0.00", "currency": "EUR"} for name in ("refunded", "captured")}
NO_REASONS = {"cancellation": None}
LATE = {"en": "It should have arrived by now.", "de": "Sie sollte schon angekommen sein."}


@pytest.mark.parametrize("code", ["en", "de"])
@pytest.mark.parametrize(("days", "is_late"), [(-1, True), (0, False), (1, False)])
def test_a_shipment_is_late_from_the_day_after_it_was_expected_on(code: str, days: int, is_late: bool) -> None:
    language = language_of("", code, "Europe/Berlin")
    expected = date.fromisoformat(language.today) + timedelta(days)
    shipment = {"carrier": "Parcels", "estimated_delivery": expected.isoformat()}
    macros = environment_of(language).get_template("order_macros.html").module
    headline = macros.headline  # type: ignore[attr-defined]
    said = str(headline(SimpleNamespace(language=language), SHIPPED, {}, NO_MONEY, shipment, NO_REASONS))
    assert "Parcels" in said
    assert (LATE[code] in said) is is_late
