"""A process's log is JSON, and no value of an error's details stands in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
import structlog
from pydantic import BaseModel, ValidationError

from commerce.runtime.logs import configure_logs

Lines = Callable[[], list[dict[str, object]]]


class Person(BaseModel):
    age: int


def fail(error: Exception) -> NoReturn:
    raise error


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_structlog_and_the_standard_library_write_the_same_json(lines: Lines) -> None:
    configure_logs("test")
    structlog.stdlib.get_logger("ours").info("shipment sent", order_id="1")
    logging.getLogger("theirs").info("started %s", "it")
    ours, theirs = lines()
    assert (ours["event"], ours["order_id"], ours["level"], ours["worker"]) == ("shipment sent", "1", "info", "test")
    assert (theirs["event"], theirs["logger"], theirs["worker"]) == ("started it", "theirs", "test")


def test_an_error_keeps_its_place_and_loses_its_values(lines: Lines) -> None:
    configure_logs("test")
    try:
        Person.model_validate({"age": "Jane Zweistein"})
    except ValidationError as error:
        text = f"{type(error).__name__}: {error}"
        logging.getLogger("theirs").exception(text)
        structlog.stdlib.get_logger("ours").exception("cannot be read")
    written = lines()
    assert "Jane" not in json.dumps(written)
    assert written[0]["event"] == "ValidationError: 1 validation error for Person"
    assert "test_logs.py" in json.dumps(written[1]["exception"])


def test_errors_in_groups_and_causes_lose_their_values_too(lines: Lines) -> None:
    configure_logs("test")
    several = ExceptionGroup("several", [TypeError("one\nJane"), ValueError("two\nJane")])
    try:
        try:
            fail(ValueError("cause\nJane"))
        except ValueError:
            fail(several)
    except ExceptionGroup:
        structlog.stdlib.get_logger("ours").exception("all failed")
    text = json.dumps(lines())
    assert "Jane" not in text
    assert all(word in text for word in ("several", "one", "two", "cause"))


def test_extra_fields_of_others_are_left_out_but_the_brokers_addresses(lines: Lines) -> None:
    configure_logs("test")
    logging.getLogger("theirs").warning("retry", extra={"subject": "commands.pay", "body": "Jane"})
    (line,) = lines()
    assert line["subject"] == "commands.pay"
    assert "Jane" not in json.dumps(line)


def test_work_goes_on_where_no_line_can_be_written(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    full = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115 - closing it raises, as nothing was written
    monkeypatch.setattr("sys.stdout", full)
    configure_logs("test")
    for _ in range(3):
        structlog.stdlib.get_logger("ours").info("shipment sent")
        structlog.stdlib.get_logger("ours").error("shipment lost", exc_info=OSError())
        logging.getLogger("theirs").info("started")
    with pytest.raises(OSError, match="No space left"):
        full.close()
    structlog.stdlib.get_logger("ours").info("the stream is closed")
