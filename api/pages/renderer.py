"""Makes pages from templates. Everything that is put into one is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup
from pydantic_core import to_json

from api.pages.assets import asset_address
from api.pages.cells import Actor, Amount, Cell, Details, Duration, Link, Moment, Status, Word, sort_key
from api.pages.field_words import path_words
from api.pages.languages import LANGUAGES, Language
from api.pages.plain_words import plain_words
from api.pages.problem_words import field_problems, problem_words

_DAY_OR_TIME = re.compile(r"2\d{3}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?Z)?", re.ASCII)
"""As the API writes them, of a year that has a neighbour in each zone: also what a customer wrote can look so."""

_FOLDERS = [str(files(package) / "templates") for package in ("api.pages", "api.console")]
_FRONT_DOORS = {
    door: FileSystemLoader(str(files(f"api.frontends.{door}") / "templates")) for door in ("web", "partner")
}


def rendered(template: str, language: Language, values: Mapping[str, object]) -> str:
    """A template with values, in a language."""
    return environment_of(language).get_template(template).render(values)


@cache
def environment_of(language: Language) -> Environment:
    """The templates of one language and zone, compiled once."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(_FOLDERS), PrefixLoader(_FRONT_DOORS)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    environment.install_gettext_translations(language.texts, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"asset": asset_address, "language": language, "languages": LANGUAGES}
    environment.filters |= {
        "cell": lambda cell: cell_markup(cell, language),
        "sort_key": sort_key,
        "moment": lambda text: cell_markup(_moment(text), language),
        "money": lambda one: cell_markup(_money(one), language),
        "day": lambda text: language.day(date.fromisoformat(text)),
        "value": lambda value: cell_markup(_value(value), language),
        "json": lambda value: to_json(value).decode(),
        "duration": lambda seconds: cell_markup(Duration(seconds), language),
        "badge": lambda word: cell_markup(Status(word), language),
        "problem_words": lambda problem: problem_words(problem, language),
        "field_problems": lambda problem, fields: field_problems(
            problem, {one.name: one.title for one in fields}, language
        ),
        "path_words": lambda path: path_words(path, language),
        "words": lambda word: language.text(plain_words(word)),
    }
    return environment


def _moment(text: str | None) -> Moment | None:
    return None if text is None else Moment(datetime.fromisoformat(text))


def _value(value: Cell) -> Cell:
    """A value of a state: a time and a day as such, and everything else as it is."""
    if not isinstance(value, str) or not _DAY_OR_TIME.fullmatch(value):
        return value
    try:
        return Moment(datetime.fromisoformat(value)) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return value


def _money(one: Mapping[str, str] | None) -> Amount | None:
    return None if one is None else Amount(Decimal(one["amount"]), one["currency"])


def cell_markup(cell: Cell, language: Language) -> Markup | str:
    """A value as a page shows it."""
    match cell:
        case Moment(at):
            return Markup('<time datetime="{}" title="{}">{}</time>').format(
                at.isoformat(), language.exact(at), language.moment(at)
            )
        case Amount(amount, currency):
            return Markup('<span class="money">{}</span>').format(language.money(amount, currency))
        case Status(word):
            return Markup('<span class="badge badge-{}">{}</span>').format(word, language.text(plain_words(word)))
        case Link(text, address):
            return _link(text, address)
        case None:
            return Markup('<span class="none">–</span>')
        case _:
            return _plain(cell, language)


def _link(text: str, address: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, text)


def _plain(cell: str | int | date | Word | Actor | Duration | Details, language: Language) -> Markup | str:
    match cell:
        case Details(text, content):
            folded = Markup('<details><summary>{}</summary><pre tabindex="0">{}</pre></details>')
            return folded.format(text, content)
        case Word(word):
            return language.text(plain_words(word))
        case Actor(_, _, address):
            return _link(f"{language.text(plain_words(cell.role))} {cell.subject}".rstrip(), address)
        case Duration(seconds):
            return language.duration(seconds)
        case date():
            return language.day(cell)
    return cell if isinstance(cell, str) else language.number(cell)
