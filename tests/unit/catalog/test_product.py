"""The rules of a product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce.catalog import product as catalog
from commerce.catalog.events import (
    CurrencyPriceEnded,
    CurrencyPriceSet,
    PriceChanged,
    ProductAdded,
    ProductDescribed,
    ProductDiscontinued,
    ProductEvent,
    ProductRelisted,
)
from commerce.catalog.product import Product, StockingFixed, evolve, fold
from commerce.eventstore import Event
from commerce.values import ids
from commerce.values.errors import InvalidInput
from commerce.values.money import Money
from tests.unit.scenario import SomethingElse, Told, event, placed_in

SKU = "cup 1"
PRODUCT = ids.product_id(SKU)


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


added = event(ProductAdded, sku=SKU, name="Cup", description="White", price=euros("2.50"), stocked=True)
dearer = event(PriceChanged, sku=SKU, price=euros("3.00"))
discontinued = event(ProductDiscontinued, sku=SKU)
relisted = event(ProductRelisted, sku=SKU)

given = Told(fold, PRODUCT)


def put(
    sku: str = SKU, name: str = "Cup", description: str | None = "White", price: str = "2.50", stocked: bool = True
) -> Callable[[Product], Sequence[Event]]:
    return lambda product: catalog.put(
        product, sku, name=name, description=description, price=euros(price), stocked=stocked
    )


def priced(price: Money, *prices: Money) -> Callable[[Product], Sequence[Event]]:
    """The same cup, with all its prices."""
    return lambda product: catalog.put(
        product, SKU, name="Cup", description="White", price=price, prices=prices, stocked=True
    )


def dollars(amount: str) -> Money:
    return Money.of(amount, "USD")


def yen(amount: str) -> Money:
    return Money.of(amount, "JPY")


in_dollars = event(CurrencyPriceSet, sku=SKU, price=dollars("2.90"))
in_yen = event(CurrencyPriceSet, sku=SKU, price=yen("400"))


def test_a_product_begins_by_being_added() -> None:
    given().when(put()).then(added)


def test_putting_what_is_already_so_is_no_new_event() -> None:
    given(added).when(put()).then_nothing_new()
    given(added, dearer).when(put(price="3.00")).then_nothing_new()


def test_another_price_is_a_changed_price() -> None:
    given(added).when(put(price="3.00")).then(dearer)


def test_a_price_may_change_to_another_currency() -> None:
    other = dollars("2.50")
    given(added).when(catalog.put, SKU, name="Cup", description="White", price=other, stocked=True).then(
        event(PriceChanged, sku=SKU, price=other)
    )


def test_a_product_has_a_price_for_each_currency_its_own_first() -> None:
    given().when(priced(euros("2.50"), yen("400"), dollars("2.90"), euros("2.50"))).then(added, in_yen, in_dollars)
    assert given.state(added, in_yen, in_dollars).prices == (euros("2.50"), yen("400"), dollars("2.90"))
    given(added, in_dollars, in_yen).when(priced(euros("2.50"), dollars("2.90"), yen("400"))).then_nothing_new()


def test_prices_in_further_currencies_stay_where_none_are_sent_and_end_where_others_are() -> None:
    ended = event(CurrencyPriceEnded, sku=SKU, currency="JPY")
    given(added, in_dollars, in_yen).when(put(price="3.00")).then(dearer)
    given(added, in_dollars, in_yen).when(priced(euros("2.50"), dollars("2.90"))).then(ended)
    given(added, in_dollars).when(priced(euros("3.00"))).then(
        dearer, event(CurrencyPriceEnded, sku=SKU, currency="USD")
    )
    assert given.state(added, in_dollars, in_yen, ended).prices == (euros("2.50"), dollars("2.90"))


def test_another_own_price_takes_the_place_of_the_one_in_its_currency() -> None:
    own = event(PriceChanged, sku=SKU, price=dollars("2.50"))
    assert given.state(added, in_dollars, in_yen, own).prices == (dollars("2.50"), yen("400"))
    given(added, in_dollars).when(priced(dollars("2.50"), euros("2.50"))).then(
        own, event(CurrencyPriceSet, sku=SKU, price=euros("2.50"))
    )


def test_one_price_can_be_set_in_one_currency() -> None:
    given(added).when(catalog.set_price, euros("3.00")).then(dearer)
    given(added).when(catalog.set_price, dollars("2.90")).then(in_dollars)
    given(added, in_dollars).when(catalog.set_price, dollars("2.90")).then_nothing_new()
    given(added).when(catalog.set_price, dollars("-1")).then_breaks(
        InvalidInput, "the price -1.00 USD is negative", field="price"
    )


def test_prices_that_contradict_each_other_are_rejected() -> None:
    given().when(priced(euros("2.50"), dollars("1"), dollars("1"))).then_breaks(
        InvalidInput, "there are two prices in USD; send one for each currency", field="prices[1]"
    )
    given().when(priced(euros("2.50"), euros("2.60"))).then_breaks(
        InvalidInput,
        "2.60 EUR is not the price 2.50 EUR; send the same in both, or leave it out here",
        field="prices[0]",
    )
    given().when(priced(euros("2.50"), yen("-1"))).then_breaks(
        InvalidInput, "the price -1 JPY is negative", field="prices[0]"
    )


def test_another_name_is_a_new_description() -> None:
    given(added).when(put(name="Mug")).then(event(ProductDescribed, sku=SKU, name="Mug", description="White"))


def test_a_description_can_be_taken_away() -> None:
    given(added).when(put(description=None)).then(event(ProductDescribed, sku=SKU, name="Cup", description=None))


def test_another_name_and_price_are_two_events() -> None:
    given(added).when(put(name="Mug", price="3.00")).then(
        event(ProductDescribed, sku=SKU, name="Mug", description="White"), dearer
    )


@pytest.mark.parametrize("stocked", [True, False])
def test_whether_a_product_is_stocked_never_changes(stocked: bool) -> None:
    given(added.model_copy(update={"stocked": not stocked})).when(put(stocked=stocked)).then_breaks(
        StockingFixed, "product 'cup 1' cannot change whether it is stocked; add it under another SKU"
    )


def test_a_product_can_be_added_that_is_not_stocked() -> None:
    given().when(put(stocked=False)).then(added.model_copy(update={"stocked": False}))


@pytest.mark.parametrize("name", ["", "  "])
def test_a_product_has_a_name(name: str) -> None:
    given().when(put(name=name)).then_breaks(InvalidInput, "a product needs a name", field="name")


def test_no_price_is_negative() -> None:
    given().when(put(price="-0.01")).then_breaks(InvalidInput, "the price -0.01 EUR is negative", field="price")


def test_a_product_may_be_free() -> None:
    given().when(put(price="0")).then(added.model_copy(update={"price": euros("0")}))


@pytest.mark.parametrize(
    "sku", ["", "x" * 65, "a/b", "a\nb", "a\0b", "\x7f", "e\u0301", "a\u00a0b", "a\u200bb", "a\u2028b"]
)
def test_a_sku_is_up_to_64_printable_characters_without_a_slash(sku: str) -> None:
    given().when(put(sku=sku)).then_breaks(
        InvalidInput, f"{sku!r} is not a SKU; it is 1 to 64 printable characters without a slash", field="sku"
    )


@pytest.mark.parametrize("sku", [" x", "x ", "\t", " ", ".", "..", "\u3164", "\u2800"])
def test_a_sku_can_be_addressed_and_told_apart(sku: str) -> None:
    given().when(put(sku=sku)).then_breaks(InvalidInput, f"{sku!r} is not a SKU", field="sku")


def test_a_sku_that_an_older_version_took_stays_one() -> None:
    older = added.model_copy(update={"sku": " cup"})
    told = Told(fold, ids.product_id(" cup"))
    told(older).when(put(sku=" cup", price="3.00")).then(event(PriceChanged, sku=" cup", price=euros("3.00")))


@pytest.mark.parametrize("sku", ["x", "x" * 64, "A cup, blue", "é", "...", ".a"])
def test_a_sku_may_be_long_and_have_spaces(sku: str) -> None:
    catalog.check_sku(sku)


def test_a_discontinued_product_is_gone_once_and_for_all_askers() -> None:
    given(added).when(catalog.discontinue).then(discontinued)
    given(added, discontinued).when(catalog.discontinue).then_nothing_new()


def test_a_discontinued_product_can_be_put_on_sale_again() -> None:
    given(added, discontinued).when(put()).then(relisted)
    given(added, discontinued, relisted).when(put()).then_nothing_new()


def test_a_product_that_is_put_on_sale_again_is_first_made_what_it_is_to_be() -> None:
    mug = event(ProductDescribed, sku=SKU, name="Mug", description="White")
    given(added, discontinued).when(put(name="Mug", price="3.00")).then(mug, dearer, relisted)


def test_a_product_that_an_older_version_added_again_is_on_sale() -> None:
    given(added, discontinued, added).when(put()).then_nothing_new()


def test_a_described_product_keeps_the_new_description() -> None:
    described = event(ProductDescribed, sku=SKU, name="Cup", description="Blue")
    assert given.state(added, described) == replace(given.state(added), version=2, description="Blue")


def test_a_product_is_what_its_events_say() -> None:
    described = event(ProductDescribed, sku=SKU, name="Mug", description=None)
    assert given.state(added, dearer, described, discontinued) == Product(
        id=PRODUCT,
        version=4,
        sku=SKU,
        name="Mug",
        description=None,
        prices=(euros("3.00"),),
        stocked=True,
        discontinued=True,
    )


@for_all(st.lists(st.sampled_from([added, dearer, in_dollars, discontinued]), max_size=6))
def test_applying_events_never_fails_whatever_their_order(events: list[ProductEvent]) -> None:
    product = given(*events).state
    assert (product is None) == (added not in events)
    if product is not None:
        assert product.version == len(events)


def test_a_event_of_another_kind_changes_nothing_but_the_version() -> None:
    product = given.state(added)
    [foreign] = placed_in(PRODUCT, [event(SomethingElse)], after=1)
    assert evolve(product, foreign) == replace(product, version=2)


def test_folding_goes_on_from_a_state() -> None:
    assert given.state(added, dearer) == fold(placed_in(PRODUCT, [dearer], after=1), given.state(added))
