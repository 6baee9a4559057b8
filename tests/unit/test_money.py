"""Money is exact, in one currency, and never has more digits than its currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.values.errors import InvalidInput
from commerce.values.money import LARGEST, MINOR_DIGITS, Money, minor_digits, total
from commerce.values.value import Value

currencies = st.sampled_from(sorted(MINOR_DIGITS))
units = st.integers(1 - 10**12, 10**12 - 1)
"""Amounts in the smallest unit of their currency."""


def of_units(number: int, currency: str) -> Money:
    return Money.of(Decimal(number).scaleb(-MINOR_DIGITS[currency]), currency)


moneys = st.builds(of_units, units, currencies)


def in_units(money: Money) -> int:
    return int(money.amount.scaleb(MINOR_DIGITS[money.currency]))


class Priced(Value):
    """A part of an event that has a price."""

    price: Money


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("19.99", "EUR", "19.99 EUR"),
        ("19.9", "EUR", "19.90 EUR"),
        ("19", "EUR", "19.00 EUR"),
        ("19.9900", "EUR", "19.99 EUR"),
        (7, "JPY", "7 JPY"),
        ("7.0", "JPY", "7 JPY"),
        ("1.234", "KWD", "1.234 KWD"),
        (Decimal("1E+1"), "EUR", "10.00 EUR"),
        ("-0.00", "EUR", "0.00 EUR"),
        ("-5", "EUR", "-5.00 EUR"),
        ("999999999999.99", "EUR", "999999999999.99 EUR"),
    ],
)
def test_an_amount_is_filled_up_to_the_digits_of_its_currency(amount: str, currency: str, written: str) -> None:
    assert str(Money.of(amount, currency)) == written


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("19.999", "EUR", "19.999 has more than the 2 minor digits of EUR"),
        ("7.5", "JPY", "7.5 has more than the 0 minor digits of JPY"),
        ("0.00001", "KWD", "0.00001 has more than the 3 minor digits of KWD"),
        ("1000000000000", "EUR", "1000000000000 is out of range; amounts stay below 1000000000000"),
        ("-1000000000000", "EUR", "-1000000000000 is out of range; amounts stay below 1000000000000"),
        (Decimal("NaN"), "EUR", "NaN is out of range; amounts stay below 1000000000000"),
        (Decimal("Infinity"), "EUR", "Infinity is out of range; amounts stay below 1000000000000"),
        ("1", "XYZ", "'XYZ' is not a known currency; use an ISO 4217 code such as EUR"),
        ("1", "eur", "'eur' is not a known currency; use an ISO 4217 code such as EUR"),
    ],
)
def test_more_digits_than_the_currency_has_and_absurd_amounts_are_rejected(
    amount: str, currency: str, text: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        Money.of(amount, currency)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "amount", ["", "ten", "1,99", "1_000", " 1", "1\n", "1e3", "NaN", "٣", "+1", ".5", "5.", "1.2.3"]
)
def test_an_amount_is_written_as_a_plain_decimal(amount: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Money.of(amount, "EUR")
    assert str(caught.value) == f"{amount!r} is not an amount; write it as a decimal such as 19.99"


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("GBP", 2), ("JPY", 0), ("BHD", 3)])
def test_currencies_have_their_own_number_of_minor_digits(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@given(moneys)
def test_what_is_written_reads_back_the_same(money: Money) -> None:
    assert Money.of(str(money.amount), money.currency) == money
    assert Priced.model_validate_json(Priced(price=money).model_dump_json()).price == money


def test_money_in_an_event_is_a_string_and_a_currency() -> None:
    assert Priced(price=Money.of("19.9", "EUR")).model_dump_json() == '{"price":{"amount":"19.90","currency":"EUR"}}'


@given(currencies, units, units)
def test_adding_and_subtracting_are_exact(currency: str, one: int, other: int) -> None:
    a, b = of_units(one, currency), of_units(other, currency)
    assert in_units(a + b) == one + other
    assert in_units(a - b) == one - other


@given(currencies, units, st.integers(0, 1_000_000))
def test_multiplying_by_a_quantity_is_exact(currency: str, number: int, quantity: int) -> None:
    assert in_units(of_units(number, currency) * quantity) == number * quantity


@given(currencies, st.lists(units, max_size=30))
def test_a_total_is_the_sum_to_the_last_unit(currency: str, numbers: list[int]) -> None:
    assert in_units(total((of_units(number, currency) for number in numbers), currency)) == sum(numbers)


def test_the_largest_order_is_still_exact() -> None:
    dearest = Money.of(LARGEST - Decimal("0.001"), "KWD")
    assert in_units(total([dearest * 1_000_000] * 1_000, "KWD")) == (10**15 - 1) * 10**9


@given(currencies, units, units)
def test_money_of_one_currency_is_ordered(currency: str, one: int, other: int) -> None:
    a, b = of_units(one, currency), of_units(other, currency)
    assert (a < b, a <= b, a > b, a >= b, a == b) == (
        one < other,
        one <= other,
        one > other,
        one >= other,
        one == other,
    )


def test_currencies_do_not_mix() -> None:
    euros, dollars = Money.of("1", "EUR"), Money.of("1", "USD")
    assert euros != dollars
    for mix in (
        lambda: euros + dollars,
        lambda: euros - dollars,
        lambda: euros < dollars,
        lambda: euros <= dollars,
        lambda: total([dollars], "EUR"),
    ):
        with pytest.raises(InvalidInput, match="are of different currencies"):
            mix()


@pytest.mark.parametrize(("amount", "is_something"), [("0", False), ("0.01", True), ("-0.01", True)])
def test_only_zero_is_nothing(amount: str, is_something: bool) -> None:
    assert bool(Money.of(amount, "EUR")) is is_something
    assert Money.zero("EUR") == Money.of("0", "EUR")


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("AED", 2),
        ("MYR", 2),
        ("IDR", 2),
        ("UAH", 2),
        ("JPY", 0),
        ("UGX", 0),
        ("BHD", 3),
        ("IQD", 3),
        ("TND", 3),
        ("CLF", 4),
    ],
)
def test_every_currency_of_iso_4217_has_its_own_minor_digits(code: str, digits: int) -> None:
    assert minor_digits(code) == digits


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XDR", "USN", "CHE", "eur", "EURO", "", "ZZZ"])
def test_what_nothing_is_sold_in_is_no_currency(code: str) -> None:
    with pytest.raises(InvalidInput, match="ISO 4217"):
        minor_digits(code)


_EVER_TAKEN = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY
COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS
INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP
MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UYW UZS VED VES
VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""


@pytest.mark.parametrize("code", _EVER_TAKEN.split())
def test_a_currency_that_orders_were_ever_placed_in_stays_known(code: str) -> None:
    assert minor_digits(code) >= 0, "the library forgot it: add it to the withdrawn ones"
