"""`commerce play`, `demo` and `token` reject bad use in one line, before they ask anybody anything."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from commerce.cli.client.progress import shown_progress
from commerce.cli.demo.demo import demo
from commerce.cli.shop.play import play
from commerce.cli.system.token import token
from commerce.embedded.ports import free_port
from commerce.runtime.tokens import Role
from commerce.values.errors import BadUsage

HEADING = "InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place where no system runs."""
    monkeypatch.setenv("COMMERCE_HOME", str(tmp_path / "home"))
    for name in ("COMMERCE_PROVIDER_URL", "COMMERCE_API_PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with one good line."""
    path = tmp_path / "shop.csv"
    path.write_text(HEADING + "1,A,CUP,1,1,7,France\n")
    return path


@pytest.mark.parametrize("stock", ["all", "", "-0.1", "101", "nan", "inf"])
def test_a_part_of_the_stock_that_is_none_is_rejected(file: Path, stock: str) -> None:
    with pytest.raises(BadUsage, match="--stock"):
        play(file, stock=stock)


def test_a_file_without_any_order_is_rejected(file: Path) -> None:
    file.write_text(HEADING + "1,A,CUP,-1,1,7,France\n")
    with pytest.raises(BadUsage, match="no invoice that can be played"):
        play(file)


def test_a_file_whose_only_invoice_is_not_clear_is_reported_and_nobody_is_asked(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(HEADING + "7001,A,CUP,1,1,7,France\n7001,B,CUP,1,one pound,7,France\n")
    assert play(file) == 1
    said = capsys.readouterr().out
    assert "invoice 7001, line 3: the price 'one pound' is no number" in said
    assert "everything agrees, to the penny" not in said


def test_what_was_taken_for_what_is_said_and_never_spoils_the_json(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("sep=;\nInvoice;SKU;Name;Qty;Price;Customer ID;Country\n1;A;CUP;x;2,55 €;7;DE\n")
    assert play(file, as_json=True) == 1
    said = capsys.readouterr()
    assert "Invoice is InvoiceNo, SKU is StockCode" in said.err
    assert "money: EUR; decimal mark: comma, as in 2,55" in said.err
    report = json.loads(said.out)
    assert report["agrees"] is False
    assert report["left_out"] == [{"invoice": "1", "line": 3, "why": "the quantity 'x' is no number"}]
    assert report["file"]["separator"] == "semicolon"


@pytest.mark.parametrize("currency", ["", "pounds", "XXX", "£"])
def test_money_that_is_none_is_rejected(file: Path, currency: str) -> None:
    with pytest.raises(BadUsage, match="--currency"):
        play(file, currency=currency)


def test_where_no_system_was_started_that_is_said(file: Path) -> None:
    with pytest.raises(BadUsage, match="commerce up"):
        play(file)
    with pytest.raises(BadUsage, match="commerce up"):
        demo()


def test_where_no_system_answers_that_is_said_at_once_and_no_keys_are_made(
    file: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMERCE_PROVIDER_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("COMMERCE_API_PORT", str(free_port()))
    with pytest.raises(BadUsage, match="no system answers"):
        play(file)
    assert not home.exists()


def test_progress_is_plain_lines_where_there_is_no_terminal() -> None:
    written = io.StringIO()
    with shown_progress(Console(file=written)) as phase:
        advance = phase("orders", 12)
        for _ in range(12):
            advance()
    assert written.getvalue().splitlines() == [f"orders: {done} of 12" for done in (2, 4, 6, 8, 10, 12)]


def test_progress_is_a_bar_on_a_terminal() -> None:
    written = io.StringIO()
    with shown_progress(Console(file=written, force_terminal=True, width=100)) as phase:
        phase("orders", 2)()
    assert "1/2" in written.getvalue()


@pytest.mark.parametrize(("role", "subject"), [("operator", ""), ("customer", ""), ("customer", "anna")])
def test_a_token_names_somebody(role: Role, subject: str, home: Path) -> None:
    with pytest.raises(BadUsage, match="subject"):
        token(role, subject)
    assert not home.exists()
