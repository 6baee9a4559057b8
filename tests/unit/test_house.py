"""The house rules that a machine can check: names, modules, constants, words."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.syntax import syntax_of

pytestmark = pytest.mark.xdist_group("sources")
"""One process reads all sources for these tests."""

ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "src" / "commerce", ROOT / "projections", ROOT / "workers", ROOT / "api")

NOUNS = {"ordering", "shipping", "pricing", "finding", "heading", "encoding"}
"""Parts of the business, and things, whose usual names end in -ing."""

SHARED_FUNCTIONS = {
    "decide": "the pure decision of its aggregate or process",
    "evolve": "applies one event to the state of its aggregate",
    "fold": "applies events to its state or row",
    "main": "begins a process",
    "make_app": "builds the application of its worker",
    "lifespan": "what a worker opens and closes around its work",
    "next_undo_step": "what undoes a doubtful call of its context",
    "migrate": "the command, and what it does to the database",
    "subscriptions": "the read models' subscriptions, and the doctor's check of all of them",
    "cancel": "ends a maintenance job, or a booking of the simulated carrier, in its module",
    "end": "ends a maintenance job, a child process or a compensation, in its module",
    "book": "writes into the ledger of its simulator",
    "page": "lists the ledger of its simulator",
    "show": "answers one entry of the ledger of its simulator",
    "problem": "a finding of the doctor, and an answer of a simulator",
}
"""Functions that several modules define under one name, and what that name means everywhere."""
UNITS = (
    "_S", "_MS", "_BYTES", "_KIB", "_MIB", "_CHARACTERS", "_DIGITS", "_PIXELS", "_POSITIONS", "_LEVELS", "_FACTOR",
    "_BITS", "_LEVEL", "_VERSION", "_PORT", "_STATUS", "_CLOSED", "_CODE", "_MINOR", "_RETRIES", "_TRIES", "_ROUNDS",
    "_STEPS",
)  # fmt: skip
"""Endings of names that say what a number measures."""
COUNTED = re.compile(r"(^|_)[A-Z]{2,}S(_|$)")
"""A name with a plural in it, such as `BATCH_EVENTS`, says what it counts."""
PURE_NUMBERS = {
    "MIB": "a unit itself",
    "_PR_SET_CHILD_SUBREAPER": "the kernel's name of a call",
    "_PR_SET_PDEATHSIG": "the kernel's name of a call",
    "_MIGRATION_LOCK_KEY": "the key of a lock",
    "MEMBER": "the class of a lock",
    "HOLDER": "the class of a lock",
    "_SHARE_OF_DISK": "a share",
    "_WORTH_HALVING": "a share",
    "NEVER": "beyond every size of a tree",
    "_BUILTIN_LOCALE_SINCE": "a version of PostgreSQL",
}

WORDS = {
    "facts?": "event",
    "followers?": "subscription",
    "wish(es)?": "command",
    "upkeep": "maintenance",
    "patience": "timeout",
    "lanes?": "append queue",
    "carr(y|ies|ied) out": "handle",
    "parcels?": "shipment",  # but what a carrier carries, in its own words, is a parcel
}
"""Words that the field has another word for."""
CARRIERS_OWN = {"gateways", "simulation"}
CARRIERS_PORT = {"src/commerce/shipping/ports.py", "src/commerce/shipping/comparison.py"}
"""Where a carrier's own words are spoken."""
STORED_WORDS = {
    "ParcelDelivered", "ParcelDispatched", "Simulated Parcels",
}  # fmt: skip
"""Topics and texts that stand in logs and messages, and keep their spelling."""

OWN_CLOCK = {
    "api/pages/languages.py",  # the year that is left out of a time, and which day is today
    "api/console/pages/shipping.py",  # ages that are shown
    "api/console/pages/stock.py",  # since when movements are shown
    "api/console/pages/today.py",  # the days that a curve shows
    "api/console/pages/workers.py",  # the minutes that a curve shows
    "api/pages/sessions.py",  # how long ago somebody logged in
    "api/http/counters.py",  # windows in which requests are counted
    "api/http/rate_limits.py",  # how long such a window lasts still
    "api/routers/attention.py",  # ages that are shown
    "api/routers/cases.py",  # ages that are shown
    "api/schemas/customers.py",  # whether a day can be one of birth
    "api/routers/erasures.py",  # ages that are shown
    "api/routers/interventions.py",  # deadlines of a preview
    "api/routers/keys.py",  # when an API key is asked for
    "api/routers/reports.py",  # which day is today
    "api/routers/webhook_endpoints.py",  # when another secret is asked for
    "src/commerce/audit/access_records.py",  # which accesses are one
    "src/commerce/audit/outside_calls.py",  # which hour is the last
    "src/commerce/machines/key_checks.py",  # when an API key ends
    "src/commerce/runtime/tokens.py",  # when a token ends, by RFC 7519
    "workers/gateways/http_session.py",  # how far away another machine's Retry-After is
    "workers/privacy/retention.py",  # how old files are, by the clock that wrote them
    "workers/runtime/case_metrics.py",  # ages that are shown
}
"""Modules that may ask this machine for the time: nothing of an order depends on it."""


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of production code."""
    files = sorted(file for package in PACKAGES for file in package.rglob("*.py"))
    return {file.relative_to(ROOT): syntax_of(file) for file in files}


def public(name: str) -> bool:
    """Whether others may use it."""
    return not name.startswith("_")


def is_endpoint(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it belongs to a framework, which calls it by its route or its command, and not by its name."""
    decorators = " ".join(map(ast.unparse, function.decorator_list))
    return bool(re.search(r"\brouter\.|\bpages\.|\bapp\.|\.(command|callback|subscriber)\(", decorators))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_a_public_class_stands_for_one_thing() -> None:
    found = defaultdict(list)
    for file, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and public(node.name):
                found[node.name].append(str(file))
    twice = {name: files for name, files in found.items() if len(files) > 1}
    assert twice == {}


def is_aggregate(file: Path, tree: ast.Module) -> bool:
    """Whether a module is an aggregate, whose decisions are named within it: an order and a shipment are cancelled.

    Those of a large one stand in a module beside it.
    """
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return "evolve" in names or file.stem == "decisions"


def test_a_public_function_stands_for_one_thing() -> None:
    found = defaultdict(list)
    for file, tree in modules().items():
        if is_aggregate(file, tree):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and public(node.name) and not is_endpoint(node):
                found[node.name].append(str(file))
    twice = {name: files for name, files in found.items() if len(files) > 1}
    assert {name: files for name, files in twice.items() if name not in SHARED_FUNCTIONS} == {}


def test_modules_are_nouns() -> None:
    names = {part.removesuffix(".py") for file in modules() for part in file.parts}
    assert {name for name in names if name.endswith("ing")} - NOUNS == set()


def test_every_package_says_what_it_owns() -> None:
    packages = {file: tree for file, tree in modules().items() if file.name == "__init__.py"}
    assert [str(file) for file, tree in packages.items() if not ast.get_docstring(tree)] == []


def numbers() -> Iterator[tuple[Path, str]]:
    """The numeric constants of all modules."""
    for file, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.Assign):
                for target, value in pairs(node.targets[0], node.value):
                    if isinstance(target, ast.Name) and target.id.isupper() and is_number(value):
                        yield file, target.id


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What an assignment gives to what, also where it gives several at once."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def is_number(value: ast.expr) -> bool:
    """Whether an expression is made of numbers alone."""
    parts = [part for part in ast.walk(value) if not isinstance(part, ast.operator | ast.unaryop)]
    return all(
        isinstance(part, ast.BinOp | ast.UnaryOp)
        or (isinstance(part, ast.Constant) and type(part.value) in (int, float))
        for part in parts
    )


def test_a_number_says_its_unit() -> None:
    bare = [f"{file}: {name}" for file, name in numbers() if not name.endswith(UNITS) and not COUNTED.search(name)]
    assert [one for one in bare if one.split()[1] not in PURE_NUMBERS] == []


def test_no_function_takes_fields_of_any_name_and_kind() -> None:
    found = [
        f"{file}: {function.name}"
        for file, tree in modules().items()
        for function in functions(tree)
        if function.args.kwarg is not None
        and function.args.kwarg.arg == "fields"
        and ast.unparse(function.args.kwarg.annotation or ast.Constant(None)) == "object"
    ]
    assert found == []


def test_no_code_is_made_of_text() -> None:
    calls = [
        f"{file}: {node.lineno}"
        for file, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"exec", "eval"}
    ]
    assert calls == []


def said(tree: ast.Module) -> Iterator[str]:
    """The identifiers and docstrings of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


@pytest.mark.parametrize("word", WORDS)
def test_one_word_for_one_thing(word: str) -> None:
    part = re.compile(rf"(?i:(?<![a-z])){word}(?![a-z])|{word.capitalize()}(?![a-z])", re.IGNORECASE)
    found = defaultdict(set)
    for file, tree in modules().items():
        if word == "parcels?" and (
            CARRIERS_OWN & {*file.parts} or str(file) in CARRIERS_PORT or "carrier" in file.name
        ):
            continue
        for text in said(tree):
            spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text) if text not in STORED_WORDS else ""
            for known in STORED_WORDS:
                spaced = spaced.replace(known, "")
            if part.search(spaced):
                found[str(file)].add(text[:80])
    assert found == {}, f"say {WORDS[word]}"


def test_nothing_is_decided_by_the_clock_of_one_machine() -> None:
    """Deadlines and ages that decide go by the database's clock, which all processes share."""
    found = set()
    for file, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("datetime.now", "time.time"):
                found.add(file.as_posix())
    found = {name for name in found if not name.startswith(("src/commerce/cli/", "workers/simulation/"))}
    assert found == OWN_CLOCK
