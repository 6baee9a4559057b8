"""`commerce audit verify`, `proof` and `heads`: what they print, and their exit codes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from commerce.evidence.seal import Sealing
from commerce.runtime.settings import Settings
from commerce.saga.case_events import CaseOpened
from tests.catch_up import catch_up
from tests.command_line import commerce, commerce_process
from tests.conftest import Database
from tests.integration.evidence.conftest import Shop
from tests.waiting import LIMIT_S, eventually


async def audit(*words: str) -> tuple[int, str]:
    """The exit code of `commerce audit …`, and what it wrote."""
    done = await commerce("audit", *words)
    return done.returncode, done.stderr + done.stdout


@pytest.fixture
def home(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of the test's own, in whose folder the command runs."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("COMMERCE_HOME", str(home))
    monkeypatch.setenv("COMMERCE_DATABASE_URL", database.app_url)
    monkeypatch.chdir(home)
    return home


@pytest.fixture
async def signed(shop: Shop, home: Path) -> Path:
    """The installation that the shop's tree is signed in."""
    await shop.owner.execute("DELETE FROM commerce_audit_heads")
    shop.sealing = Sealing.of(shop.store, Settings(home=home))
    await shop.seal()
    return home


async def test_each_is_a_process_that_prints_its_answer_or_one_line_and_ends_with_its_exit_code(signed: Path) -> None:
    good = await commerce_process("audit", "verify")
    assert (good.returncode, good.stderr, good.stdout.splitlines()[-1]) == (0, "", "nothing was tampered with")
    (signed / "audit" / "heads.jsonl").rename(signed / "kept.jsonl")
    heads = await commerce_process("audit", "heads", "--json")
    assert (heads.returncode, heads.stdout) == (0, (signed / "kept.jsonl").read_text())
    bad = await commerce_process("audit", "proof", "order")
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (2, "", 1)


@pytest.mark.usefixtures("signed")
async def test_a_good_log_and_one_that_is_not(shop: Shop) -> None:
    code, text = await audit("verify")
    assert (code, text.splitlines()[-1]) == (0, "nothing was tampered with")
    assert "22 events compared" in text

    await shop.owner.execute("DELETE FROM commerce_events WHERE notification_id = 9")
    code, text = await audit("verify")
    assert code == 1
    assert text.startswith("removed: position 9 payments.Declined (stream")

    code, text = await audit("verify", "--json")
    report = json.loads(text)
    assert (code, report["good"], report["signed"]["tree_size"]) == (1, False, 22)
    assert [(each["kind"], each["position"]) for each in report["findings"]] == [("removed", 9)]


async def test_with_heads_and_a_key_that_an_auditor_kept(shop: Shop, signed: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text((await audit("heads", "--json"))[1])
    key = tmp_path / "key.pem"
    (signed / "audit" / "public-key.pem").rename(key)
    assert (await audit("verify", "--heads", str(kept), "--key", str(key)))[0] == 0
    await shop.owner.execute("TRUNCATE commerce_audit_leaves, commerce_audit_heads")
    await shop.owner.execute("DELETE FROM commerce_events WHERE notification_id > 20")
    code, text = await audit("verify", "--heads", str(kept), "--key", str(key))
    assert code == 1
    assert "removed: after position 20, 2 events are gone, with their leaves" in text


async def test_heads_are_shown_and_written(signed: Path) -> None:
    code, text = await audit("heads")
    assert (code, text.split()[:2]) == (0, ["22", "events"])
    code, text = await audit("heads", "--json")
    assert text == (signed / "audit" / "heads.jsonl").read_text()
    assert await audit("heads", "--json", "--after", "22") == (0, "")


async def test_a_proof_is_written_where_it_is_wanted(shop: Shop, signed: Path) -> None:
    order = (await shop.store.read_log(0, 99))[-1].correlation_id
    code, text = await audit("proof", str(order), "--output", "mine.json")
    assert (code, text) == (0, "mine.json: 4 events, to be checked against the head of 22 leaves\n")
    assert json.loads((signed / "mine.json").read_text())["order_id"] == str(order)


async def test_a_proof_asked_for_at_once_waits_for_the_next_head(shop: Shop, signed: Path) -> None:
    (order,) = await shop.orders(1)
    proof = asyncio.create_task(audit("proof", str(order), "--wait", f"{LIMIT_S:.0f}"))
    await listened(shop)
    (other,) = await shop.orders(1)
    await shop.history.happens(CaseOpened, order, kind="order_waits", detail="the order goes on meanwhile")
    await catch_up(shop.store, shop.sealing.subscription)
    assert not proof.done(), "a tree that nobody signed proves nothing"
    await shop.sealing.sign()
    code, text = await proof
    assert (code, text.splitlines()[0]) == (
        0,
        f"the order's newest events are not signed yet; waits for the next head, at most {LIMIT_S:.0f} s",
    )
    proved = json.loads((signed / f"proof-{order}.json").read_text())
    assert len(proved["events"]) == 4, "what came while it waited is for the next proof"
    assert (await audit("proof", str(other)))[0] == 0


@pytest.mark.usefixtures("signed")
async def test_without_a_head_in_time_one_line_says_who_signs(shop: Shop) -> None:
    (order,) = await shop.orders(1)
    code, text = await audit("proof", str(order), "--wait", "0.1")
    waits, gives_up = text.splitlines()
    assert code == 1
    assert waits.startswith("the order's newest events are not signed yet; waits")
    assert gives_up.startswith(
        "commerce: the order's newest events are not signed yet, after 0 s; the worker `projections`"
    )


@pytest.mark.parametrize("words", [["verify"], ["heads"], ["heads", "--json"]])
async def test_right_after_the_first_start_the_first_head_is_waited_for(
    shop: Shop, home: Path, words: list[str]
) -> None:
    await shop.owner.execute("DELETE FROM commerce_audit_heads")
    waiting = asyncio.create_task(audit(*words))
    await listened(shop)
    await Sealing.of(shop.store, Settings(home=home)).sign()
    code, text = await waiting
    assert code == 0, text
    assert text.startswith("the log is not signed yet; waits for the next head, at most 30 s\n")


async def listened(shop: Shop) -> None:
    """Wait until a command has seen that there is no head yet that it needs."""

    async def listens() -> bool:
        cursor = await shop.owner.execute(
            """SELECT count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'commerce audit' AND state = 'idle'
                 AND (query LIKE '%commerce_audit_%' OR query LIKE 'LISTEN%')"""
        )
        return await cursor.fetchone() == (1,)

    await eventually(listens)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["verify", "--heads", "nowhere.jsonl"], 2, "nowhere.jsonl does not exist"),
        (["verify", "--key", "nowhere.pem"], 2, "nowhere.pem cannot be read"),
        (["verify", "--key", "audit/heads.jsonl"], 2, "holds no public Ed25519 key"),
        (["proof", "order"], 2, "is neither an order's number"),
        (["proof", "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"], 1, "the log has no events of order"),
    ],
)
@pytest.mark.usefixtures("signed")
async def test_bad_use_is_said_in_one_line(words: list[str], code: int, said: str) -> None:
    found, text = await audit(*words)
    assert (found, text.count("\n")) == (code, 1)
    assert said in text
