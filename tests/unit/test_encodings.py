"""UTF-8 wherever we write or read text: no file, program or stream goes by the locale of the machine."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.syntax import syntax_of
from tests.waiting import LIMIT_S

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for folder in ("src", "api", "workers", "projections", "scripts") for path in (ROOT / folder).rglob("*.py")
)
ASCII_ONLY = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": os.environ["PATH"]}
"""A locale in which Python by itself reads and writes ASCII; it is there on every machine."""

_WRITE_A_MAIL = """
import asyncio, sys, uuid
from pathlib import Path
from workers.gateways.mail import FileOutbox, Mail
mail = Mail(uuid.UUID(int=1), "shipped", "\\u0141\\u00f3d\\u017a", "Dear \\u0141ukasz,")
asyncio.run(FileOutbox(Path(sys.argv[1])).put(mail))
"""
_LOG = """
import structlog
from commerce.runtime.logs import configure_logs
configure_logs("test")
structlog.get_logger().info("\\u0141ukasz", text="\\udcff")
"""


def test_no_text_is_read_or_written_in_the_encoding_of_the_locale() -> None:
    assert [place for path in SOURCES for place in _unspecified(path)] == []


def test_migrations_are_ascii_as_yoyo_reads_them_in_the_encoding_of_the_locale() -> None:
    assert [path.name for path in (ROOT / "migrations").rglob("*.sql") if not path.read_bytes().isascii()] == []


def test_a_mail_to_somebody_whose_name_the_locale_cannot_spell_is_written(tmp_path: Path) -> None:
    _run(_WRITE_A_MAIL, str(tmp_path))
    (mail,) = tmp_path.glob("*.txt")
    assert mail.read_text(encoding="utf-8") == "Subject: Łódź\n\nDear Łukasz,"


def test_a_log_is_utf_8_in_every_locale() -> None:
    said = _run(_LOG).decode("utf-8")
    assert "Łukasz" in said
    assert "\\udcff" in said


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_the_command_line_answers_in_utf_8_in_every_locale(locale: str) -> None:
    environment = {**ASCII_ONLY, "LC_ALL": locale}
    command = [sys.executable, "-m", "commerce.cli.main", "token", "--role", "łąka", "--subject", "x"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=LIMIT_S)
    assert ran.returncode == 2
    assert "łąka" in ran.stderr.decode("utf-8")


def _run(program: str, *arguments: str) -> bytes:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=ROOT, env=ASCII_ONLY, stdout=subprocess.PIPE, check=True, timeout=LIMIT_S).stdout


def _unspecified(path: Path) -> Iterator[str]:
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.Call) and _is_text(node) and not any(one.arg == "encoding" for one in node.keywords):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}"


def _is_text(call: ast.Call) -> bool:
    """Whether a call opens a file or a program for text."""
    match call.func:
        case ast.Attribute(attr="read_text" | "write_text"):
            return True
        case ast.Name(id="open") | ast.Attribute(attr="fdopen") | ast.Attribute(value=ast.Name(id="Path"), attr="open"):
            return not any("b" in mode for mode in _texts(call)[1:])
        case ast.Attribute(attr="open", value=ast.Attribute(attr="path") | ast.Name(id="path")):
            return not any("b" in mode for mode in _texts(call))
        case ast.Attribute(value=ast.Name(id="subprocess")):
            return any(one.arg in ("text", "universal_newlines") for one in call.keywords)
    return False


def _texts(call: ast.Call) -> list[str]:
    """The arguments of a call, those that are no constant text as an empty one."""
    values = [*call.args, *(one.value for one in call.keywords)]
    return [one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else "" for one in values]
