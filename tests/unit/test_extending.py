"""The page on extending the system counts right: its example is built in a copy of the code, and works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCTION = ("src", "projections", "workers", "api")
PAGE = (ROOT / "docs" / "extending.md").read_text()
MOST_EXISTING_FILES = 3
MOST_STEP_FILES = 6
STEP = ("CaptureRequested", "Capture", "CaptureAttempted", "PaymentCaptured", "CaptureRefused")
"""The events and the request of a step; no other step has them."""

SHOWN = """
import projections
from api.app import create_app
from commerce.audit.filled_sentences import filled_sentence
from commerce.events import EVENTS, STREAM_KINDS
from commerce.eventstore import in_stream
from commerce.runtime.settings import Settings
from commerce.suppliers.events import SupplierAdded, SupplierRenamed
from commerce.suppliers.supplier import Supplier, fold, put, supplier_id

stream = supplier_id("ACME")
added = in_stream(put(None, "ACME", "Acme"), stream, after=0)
renamed = in_stream(put(fold(added), "ACME", "Acme Ltd"), stream, after=1)
assert fold([*added, *renamed]) == Supplier(stream, 2, "ACME", "Acme Ltd")
assert put(fold([*added, *renamed]), "ACME", "Acme Ltd") == []

for kind in (SupplierAdded, SupplierRenamed):
    assert EVENTS[kind.TOPIC] is kind
assert [kind.name for kind in STREAM_KINDS if SupplierAdded in kind.events] == ["supplier"]
assert filled_sentence(added[0], "operator:anna") == "operator anna added the supplier ACME: Acme"

assert projections.projection_of("suppliers").topics == {"suppliers.SupplierAdded", "suppliers.SupplierRenamed"}
paths = create_app(Settings()).openapi()["paths"]
assert set(paths["/api/v1/suppliers"]) == {"get"} and set(paths["/api/v1/suppliers/{code}"]) == {"put"}
print("built")
"""


def blocks(language: str) -> list[tuple[str, str]]:
    """The page's blocks of a language that belong to a file, with the file's path."""
    return re.findall(rf"^```{language} (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def changed(text: str, difference: str) -> str:
    """A file after a difference of one line of context and the lines added after it."""
    context, *added = difference.splitlines()
    assert context.startswith(" ")
    assert all(line.startswith("+") for line in added)
    before = context[1:] + "\n"
    assert text.count(before) == 1, context
    return text.replace(before, before + "".join(line[1:] + "\n" for line in added))


def listed(marker: str) -> list[str]:
    """The files that the page lists below a marker, such as `files: ProductDescribed`."""
    below = PAGE.split(f"<!-- {marker} -->\n")[1].split("\n\n")[0]
    return re.findall(r"^- `([\w/.]+)`", below, re.MULTILINE)


def naming(*names: str) -> set[str]:
    """The production files in which one of these names stands."""
    return _matching(rf"\b({'|'.join(names)})\b")


def naming_text(*texts: str) -> set[str]:
    """The production files in which one of these texts stands."""
    return _matching("|".join(map(re.escape, texts)))


def _matching(pattern: str) -> set[str]:
    files = (path for folder in PRODUCTION for path in (ROOT / folder).rglob("*.py"))
    return {str(path.relative_to(ROOT)) for path in files if re.search(pattern, path.read_text())}


def test_an_aggregate_with_view_and_route_is_built_as_the_page_says(tmp_path: Path) -> None:
    existing = {path for path, _ in blocks("diff")}
    assert 0 < len(existing) <= MOST_EXISTING_FILES
    for folder in (*PRODUCTION, "migrations"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in blocks("python"):
        assert not (ROOT / name).exists()
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    for name, difference in blocks("diff"):
        (tmp_path / name).write_text(changed((tmp_path / name).read_text(), difference))

    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path / 'src'}:{tmp_path}",
        "COMMERCE_HOME": str(tmp_path / "home"),
    }
    built = subprocess.run(
        [sys.executable, "-c", SHOWN], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert built.stderr == ""
    assert built.stdout == "built\n"


@pytest.mark.parametrize("name", ["ProductDescribed", "HttpPaymentProvider"])
def test_the_files_listed_for_an_event_and_for_a_provider_are_all_that_name_one(name: str) -> None:
    assert set(listed(f"files: {name}")) == naming(name)


def test_the_files_listed_for_a_saga_step_are_all_that_name_one() -> None:
    step, shown = listed(f"files: {' '.join(STEP)}"), listed(f"shown: {' '.join(STEP)}")
    assert {*step, *shown} == naming(*STEP)
    assert len(step) <= MOST_STEP_FILES


def test_the_files_listed_for_an_operation_of_a_party_are_all_that_know_it() -> None:
    step, operation = listed(f"files: {' '.join(STEP)}"), listed("operation: Captured")
    conformance = {path for path in naming("Captured") if "/conformance/" in path}
    assert {*operation, *step} >= naming("Captured") - conformance
    assert all(re.search("captured?", (ROOT / path).read_text(), re.IGNORECASE) for path in operation)


def test_the_files_listed_for_a_party_are_all_that_name_one_outside_its_own() -> None:
    """A simulator and the conformance check belong to parties that speak the documented protocol, and a page of the
    console to one subject."""
    texts = ('"shipping"', '"carrier")', "carrier_url", "shipment.evolve", "| ShipmentAnswerDiffered")
    own = ("workers/", "api/console/pages/", "src/commerce/shipping/", "src/commerce/saga/steps.py")
    assert set(listed("party")) == {path for path in naming_text(*texts) if not path.startswith(own)}
