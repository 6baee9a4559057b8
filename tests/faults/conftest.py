"""Fault tests as rows of a table, which the run ends with."""

from __future__ import annotations

import pytest

from tests.faults import report as table


@pytest.fixture(autouse=True)
def fault_row(request: pytest.FixtureRequest) -> None:
    """Count for the fault that the test's marker names."""
    marker = request.node.get_closest_marker("fault")
    if marker:
        table.begin(request.node.nodeid, *marker.args)


def pytest_report_header() -> list[str]:
    """The seed, and what is missing on this machine."""
    return table.heading()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep how a test ended."""
    if report.when == "call" or not report.passed:
        table.end(report.nodeid, report.outcome, report.duration)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    for line in table.lines():
        terminalreporter.write_line(line)
