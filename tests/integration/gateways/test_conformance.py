"""The simulators pass the conformance test; a party with any one fault does not, and is told what is right."""

from __future__ import annotations

import asyncio
import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence

import pytest
from yarl import URL

from commerce.cli.system.program_modules import ROOT
from tests.closed_pipe import unread
from tests.integration.gateways.faults import CARRIER_FAULTS, PROVIDER_FAULTS
from tests.integration.gateways.faulty_party import Answer, Call, Fault, Truth, faulty
from tests.integration.gateways.worker_process import WorkerProcess
from tests.waiting import LIMIT_S
from workers.gateways.conformance import carrier_checks, credential, payment_checks
from workers.gateways.conformance.__main__ import main
from workers.gateways.conformance.carrier_desk import CarrierDesk
from workers.gateways.conformance.check_run import CheckResult, results
from workers.gateways.conformance.payment_desk import PaymentDesk
from workers.gateways.conformance.terms import Terms
from workers.gateways.http_carrier_answers import BOOKING_REJECTIONS
from workers.gateways.http_provider_answers import PAYMENT_REJECTIONS

PROVIDER_CHECKS = {check.name for check in payment_checks.PAYMENT_CHECKS}
CARRIER_CHECKS = {check.name for check in carrier_checks.CARRIER_CHECKS}


async def checked(monkeypatch: pytest.MonkeyPatch, url: str, kind: str | None = None, **terms: str) -> int:
    """The exit code of a run that prints its findings."""
    request = {"url": url, "kind": kind, "as_json": False, "terms": terms}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(request)))
    return await asyncio.to_thread(main)


async def provider_results(
    process: WorkerProcess, fault: Fault, names: set[str], run_timeout_s: float = 60
) -> list[CheckResult]:
    chosen = [check for check in payment_checks.PAYMENT_CHECKS if check.name in names]
    async with faulty(_bare(process), fault) as place:
        desk = PaymentDesk(_at(process, place), Terms())
        return [result async for result in results(chosen, desk, run_timeout_s)]


async def carrier_results(process: WorkerProcess, fault: Fault, names: set[str]) -> list[CheckResult]:
    chosen = [check for check in carrier_checks.CARRIER_CHECKS if check.name in names]
    async with faulty(_bare(process), fault) as place:
        return [result async for result in results(chosen, CarrierDesk(_at(process, place), Terms()))]


def _bare(process: WorkerProcess) -> str:
    return str(URL(process.url).with_user(None)).rstrip("/")


def _at(process: WorkerProcess, place: str) -> str:
    """A place, asked with the name and password of a party."""
    return f"http://{URL(process.url).raw_authority.rsplit('@', 1)[0]}@{place}"


def names_of(found: Sequence[CheckResult], result: str) -> set[str]:
    return {one.name for one in found if one.result == result}


def test_every_check_is_known_to_find_a_fault() -> None:
    assert set().union(*(found for _, found in PROVIDER_FAULTS.values())) == PROVIDER_CHECKS
    assert set().union(*(found for _, found in CARRIER_FAULTS.values())) == CARRIER_CHECKS


@pytest.mark.parametrize("name", PROVIDER_FAULTS)
async def test_a_faulty_provider_fails(provider_process: WorkerProcess, name: str) -> None:
    fault, finders = PROVIDER_FAULTS[name]
    found = await provider_results(provider_process, fault, finders)
    assert names_of(found, "failed") == finders
    assert all(one.asked and one.answered and one.right for one in found)


@pytest.mark.parametrize("name", CARRIER_FAULTS)
async def test_a_faulty_carrier_fails(carrier_process: WorkerProcess, name: str) -> None:
    fault, finders = CARRIER_FAULTS[name]
    found = await carrier_results(carrier_process, fault, finders)
    assert names_of(found, "failed") == finders
    assert all(one.asked and one.answered and one.right for one in found)


@pytest.mark.parametrize(("kind", "checks"), [("provider", PROVIDER_CHECKS), ("carrier", CARRIER_CHECKS)])
def test_a_simulator_passes_every_check(kind: str, checks: set[str], request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_process").url
    command = [sys.executable, "-m", "commerce.cli.main", "gateway", "check", url, "--json"]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=LIMIT_S)
    report = json.loads(said.stdout)
    assert (said.returncode, said.stderr) == (0, "")
    assert report["kind"] == kind
    assert {check["name"] for check in report["checks"]} == checks
    assert {check["result"] for check in report["checks"]} == {"ok"}
    assert str(URL(url).password) not in said.stdout


def test_a_check_whose_lines_nobody_reads_ends_without_a_word(carrier_process: WorkerProcess) -> None:
    assert unread("gateway", "check", carrier_process.url) == (141, "")


async def test_what_is_wrong_is_said_in_one_line_and_names_no_password(
    provider_process: WorkerProcess, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def echo(call: Call, truth: Truth) -> Answer:
        """Repeats the credential in what it answers."""
        if call.operation != "authorizations":
            return await truth(call)
        return Answer(200, {"status": "done", "sent": call.headers.get("Authorization"), "as": provider_process.url})

    async with faulty(_bare(provider_process), echo) as place:
        url = _at(provider_process, place)
        assert await checked(monkeypatch, url, "provider") == 1
    said = capsys.readouterr()
    (line,) = (one for one in said.out.splitlines() if "authorize: money" in one)
    assert line.startswith("FAILED   authorize: money is set aside")
    assert 'asked: POST /v1/authorizations {"order_id": ' in line
    assert '; answered: 200 {"status": "done", "sent": "Basic ***"' in line
    assert "; right: 2xx with status authorized, authorization_id, amount, currency; " in line
    assert line.endswith(
        "this counts as no answer: the payment provider gave an answer that we do not understand ('done')"
    )
    assert said.out.splitlines()[-1].startswith(f"payment provider at http://{place}: ")
    assert str(URL(url).password) not in said.out
    assert not said.err


def test_a_name_and_a_password_are_hidden_wherever_they_are_repeated() -> None:
    text = credential.hidden("http://us:s%40same@h", "us status s@same dXM6c0BzYW1l")
    assert text == "*** status *** ***"
    assert credential.hidden("http://h", "status") == "status"


async def test_a_party_that_is_busy_is_asked_again(provider_process: WorkerProcess) -> None:
    seen: set[str] = set()

    async def busy(call: Call, truth: Truth) -> Answer:
        if call.key in seen or call.method == "GET":
            return await truth(call)
        seen.add(call.key)
        return Answer(429, {"detail": "later"})

    found = await provider_results(provider_process, busy, {"authorize"})
    assert names_of(found, "ok") == {"authorize"}


async def test_what_a_party_need_not_have_is_skipped(
    provider_process: WorkerProcess, carrier_process: WorkerProcess
) -> None:
    async def plain(call: Call, truth: Truth) -> Answer:
        return (
            Answer(404, {"detail": "no such path"})
            if call.operation in {"payment-methods", "ledger", "collection"} or "since=" in call.path
            else await truth(call)
        )

    optional = {"payment-methods", "ledger", "listing"}
    assert names_of(await provider_results(provider_process, plain, optional), "skipped") == optional
    optional = {"collected", "listing"}
    assert names_of(await carrier_results(carrier_process, plain, optional), "skipped") == optional


async def test_a_run_ends_in_time_and_what_was_not_checked_has_failed(provider_process: WorkerProcess) -> None:
    async def slow(call: Call, truth: Truth) -> Answer:
        await asyncio.sleep(0.4)  # longer than the run may take
        return await truth(call)

    found = await provider_results(provider_process, slow, {"authorize", "capture", "void"}, run_timeout_s=0.2)
    assert [one.result for one in found] == ["failed"] * 3
    assert found[0].right.startswith("all answers of this check within")
    assert found[-1].right == "all checks done within 0.2 s"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"url": "nonsense"}, (2, "'nonsense' is not an http:// or https:// address")),
        ({"url": "http://shop:secret@localhost:port"}, (2, "'http://localhost:port' is not an address")),
        ({"url": "http://127.0.0.1:1"}, (1, "the party cannot be reached")),
        ({"url": "{bare}"}, (1, "the party rejects our credential (401)")),
        ({"url": "{url}/elsewhere"}, (2, "its answers show neither a payment provider nor a carrier: say which it is")),
        ({"url": "{url}", "kind": "carrier"}, (2, "its answers are those of a provider, not of a carrier")),
        ({"url": "{url}", "currency": "XXX"}, (2, "'XXX' is not a known currency")),
    ],
)
async def test_what_cannot_be_checked_is_said_in_one_line(
    asked: dict[str, str],
    told: tuple[int, str],
    provider_process: WorkerProcess,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = asked["url"].format(url=provider_process.url, bare=_bare(provider_process))
    code = await checked(monkeypatch, **{**asked, "url": url})
    said = capsys.readouterr()
    assert (code, said.out) == (told[0], "")
    assert re.fullmatch(rf"commerce: {re.escape(told[1])}.*\n", said.err)
    assert "secret" not in said.err


def test_the_page_on_gateways_names_every_code_and_option() -> None:
    page = (ROOT / "docs" / "gateways.md").read_text(encoding="utf-8")
    for code in (*PAYMENT_REJECTIONS, *BOOKING_REJECTIONS, "unknown_payment_method", "operation_not_found"):
        assert f"`{code}`" in page
    options = ("kind", "payment-method", "declined-method", "action-method", "currency", "country", "unserved-country")
    for option in (*options, "json"):
        assert f"`--{option}" in page
