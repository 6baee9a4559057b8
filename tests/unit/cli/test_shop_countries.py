"""Countries are known by their codes and usual names; an unknown one is never guessed."""

from __future__ import annotations

import pytest

from commerce.cli.shop.countries import country_code
from commerce.values.countries import COUNTRIES


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("GB", "GB"),
        ("gb", "GB"),
        ("GBR", "GB"),
        ("deu", "DE"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("united kingdom", "GB"),
        ("The United Kingdom", "GB"),
        ("Great Britain", "GB"),
        ("EIRE", "IE"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("Czech Republic", "CZ"),
        ("CZECHIA", "CZ"),
        ("RSA", "ZA"),
        ("Deutschland", "DE"),
        ("Österreich", "AT"),
        ("España", "ES"),
        ("Espana", "ES"),
        ("Allemagne", "DE"),
        ("Holland", "NL"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Côte d’Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Bosnia & Herzegovina", "BA"),
        ("Bosnia and Herzegovina", "BA"),
        ("Russian Federation", "RU"),
        ("Korea, Republic of", "KR"),
        ("Viet Nam", "VN"),
        ("Hong Kong", "HK"),
        ("United Arab Emirates", "AE"),
        ("Channel Islands", "JE"),
        ("Canary Islands", "IC"),
        ("Kosovo", "XK"),
        ("XK", "XK"),
    ],
)
def test_codes_and_usual_names_are_known_in_any_case(name: str, code: str) -> None:
    assert country_code(name) == code
    assert country_code(f" {name.upper()} ") == code


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-",
        "Unspecified",
        "European Community",
        "European Union",
        "EU",
        "Atlantis",
        "XX",
        "ZZ",
        "Congo",
        "Virgin Islands",
    ],
)
def test_what_is_unknown_or_could_be_two_is_no_country(name: str) -> None:
    assert country_code(name) is None


def test_every_code_that_an_order_can_be_addressed_to_is_known() -> None:
    assert {code: country_code(code) for code in COUNTRIES} == {code: code for code in COUNTRIES}
