"""How the lines of an order get their prices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from commerce.catalog.prices import WantedLine, price
from commerce.catalog.product import Product
from commerce.values import ids
from commerce.values.errors import InvalidInput
from commerce.values.money import Money
from commerce.values.order_line import OrderLine


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def product(sku: str, amount: str, *, stocked: bool = True, discontinued: bool = False) -> Product:
    return Product(ids.product_id(sku), 1, sku, sku.title(), None, (euros(amount),), stocked, discontinued)


PRODUCTS = {
    "cup": product("cup", "2.50"),
    "postage": product("postage", "4.00", stocked=False),
    "lamp": product("lamp", "30.00", discontinued=True),
}


def refusal(*wanted: WantedLine, currency: str = "EUR", may_override: bool = False) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as caught:
        price(wanted, PRODUCTS, currency, may_override=may_override)
    return str(caught.value), caught.value.field


def test_a_line_costs_what_the_catalogue_says() -> None:
    wanted = [WantedLine("cup", 3), WantedLine("postage", 1)]
    assert price(wanted, PRODUCTS, "EUR", may_override=False) == (
        OrderLine(sku="cup", name="Cup", quantity=3, unit_price=euros("2.50")),
        OrderLine(sku="postage", name="Postage", quantity=1, unit_price=euros("4.00"), stocked=False),
    )


def test_a_sku_may_repeat_also_at_another_price() -> None:
    wanted = [WantedLine("cup", 1), WantedLine("cup", 2, euros("1.00"))]
    lines = price(wanted, PRODUCTS, "EUR", may_override=True)
    assert [(line.unit_price, line.price_overridden) for line in lines] == [
        (euros("2.50"), False),
        (euros("1.00"), True),
    ]


def test_a_set_price_is_an_override_even_where_it_is_zero_or_the_same() -> None:
    wanted = [WantedLine("cup", 1, euros("0")), WantedLine("cup", 1, euros("2.50"))]
    lines = price(wanted, PRODUCTS, "EUR", may_override=True)
    assert [(line.unit_price, line.price_overridden) for line in lines] == [(euros("0"), True), (euros("2.50"), True)]


def test_who_may_not_set_prices_does_not() -> None:
    text = "a price may not be set here; leave it to the catalogue"
    assert refusal(WantedLine("cup", 1), WantedLine("cup", 1, euros("1.00"))) == (text, "lines[1].unit_price")


def test_an_unknown_sku_is_named_with_its_line() -> None:
    assert refusal(WantedLine("cup", 1), WantedLine("cap", 1)) == ("there is no product 'cap'", "lines[1].sku")


def test_a_sku_is_case_sensitive() -> None:
    assert refusal(WantedLine("Cup", 1)) == ("there is no product 'Cup'", "lines[0].sku")


def test_a_discontinued_product_cannot_be_ordered() -> None:
    assert refusal(WantedLine("lamp", 1)) == ("product 'lamp' cannot be ordered any more", "lines[0].sku")


def test_a_product_in_another_currency_cannot_be_ordered() -> None:
    text = "'cup' costs 2.50 EUR, and the order is in USD"
    assert refusal(WantedLine("cup", 1), currency="USD") == (text, "lines[0].sku")


def test_a_line_costs_what_the_product_costs_in_the_currency_of_the_order() -> None:
    dollars = Money.of("2.90", "USD")
    cup = replace(PRODUCTS["cup"], prices=(euros("2.50"), dollars))
    for currency, unit_price in (("EUR", euros("2.50")), ("USD", dollars)):
        [line] = price([WantedLine("cup", 1)], {"cup": cup}, currency, may_override=False)
        assert (line.unit_price, line.price_overridden) == (unit_price, False)
    with pytest.raises(InvalidInput, match=r"'cup' costs 2\.50 EUR, 2\.90 USD, and the order is in JPY"):
        price([WantedLine("cup", 1)], {"cup": cup}, "JPY", may_override=False)


def test_a_set_price_is_in_the_currency_of_the_order() -> None:
    text = "'cup' costs 2.50 USD, and the order is in EUR"
    wanted = WantedLine("cup", 1, Money.of("2.50", "USD"))
    assert refusal(wanted, may_override=True) == (text, "lines[0].unit_price")


def test_a_set_price_may_be_in_another_currency_than_the_catalogues() -> None:
    dollars = Money.of("3.00", "USD")
    [line] = price([WantedLine("cup", 1, dollars)], PRODUCTS, "USD", may_override=True)
    assert line.unit_price == dollars
