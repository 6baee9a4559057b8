"""The simulated provider's rules of money, and that its entries always add up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.values.errors import InvalidInput
from commerce.values.money import Money
from workers.simulation import card_disputes, card_payments, customer_actions, money_entries
from workers.simulation.card_disputes import DisputeTerms
from workers.simulation.idempotency import StoredAnswer, now

PRICE = Money.of("19.99", "EUR")


def opened() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(card_payments.SCHEMA)
    return connection


@pytest.fixture
def ledger() -> Iterator[sqlite3.Connection]:
    connection = opened()
    yield connection
    connection.close()


def held(ledger: sqlite3.Connection, method: str = card_payments.OK, amount: Money = PRICE) -> str:
    return str(card_payments.authorize(ledger, "held", "order", amount, method).body["authorization_id"])


def status(ledger: sqlite3.Connection, id_: str) -> str:
    found = card_payments.find(ledger, id_)
    assert found is not None
    return found.status


def code(answer: StoredAnswer) -> object:
    return answer.body.get("code")


def test_each_card_does_its_own(ledger: sqlite3.Connection) -> None:
    def statuses(method: str) -> list[int]:
        return [card_payments.authorize(ledger, f"{method} {n}", "o", PRICE, method).status_code for n in range(2)]

    assert statuses(card_payments.OK) == [201, 201]
    assert statuses(card_payments.DECLINED) == [402, 402]
    assert statuses(card_payments.ERROR) == [503, 503]
    assert statuses(card_payments.FLAKY) == [503, 503]
    assert statuses("cash") == [422, 422]


def test_a_flaky_card_fails_twice_for_each_key(ledger: sqlite3.Connection) -> None:
    keys = ["a", "b", "a", "b", "a", "b"]
    answers = [card_payments.authorize(ledger, key, "o", PRICE, card_payments.FLAKY).status_code for key in keys]
    assert answers == [503, 503, 503, 503, 201, 201]


def test_the_answers_of_a_first_authorise_and_capture_are_lost_but_no_other(ledger: sqlite3.Connection) -> None:
    answer = card_payments.authorize(ledger, "held", "order", PRICE, card_payments.TIMEOUT)
    id_ = str(answer.body["authorization_id"])
    captured = card_payments.capture(ledger, "c", id_, "19.99", "EUR")
    refunded = card_payments.refund(ledger, "r", id_, "1", "EUR")
    assert (answer.lost, captured.lost, refunded.lost) == (True, True, False)


def test_an_authorization_goes_from_authorized_to_captured_to_refunded(ledger: sqlite3.Connection) -> None:
    id_ = held(ledger)
    seen = [status(ledger, id_)]
    card_payments.capture(ledger, "c", id_, "19.99", None)
    seen.append(status(ledger, id_))
    card_payments.refund(ledger, "r1", id_, "9.99", None)
    seen.append(status(ledger, id_))
    card_payments.refund(ledger, "r2", id_, "10", None)
    seen.append(status(ledger, id_))
    assert seen == ["authorized", "captured", "captured", "refunded"]


def test_what_was_let_go_cannot_be_taken_and_what_was_taken_cannot_be_let_go(ledger: sqlite3.Connection) -> None:
    id_ = held(ledger)
    assert card_payments.void(ledger, "v", id_).status_code == 200
    assert status(ledger, id_) == "voided"
    assert code(card_payments.capture(ledger, "c", id_, "1", None)) == "already_voided"
    assert code(card_payments.void(ledger, "w", id_)) == "already_voided"
    assert code(card_payments.refund(ledger, "r", id_, "1", None)) == "not_captured"


def test_money_that_nobody_takes_is_let_go_in_time(ledger: sqlite3.Connection) -> None:
    said = card_payments.authorize(ledger, "first", "order", PRICE, card_payments.OK).body
    until = datetime.fromisoformat(str(said["held_until"])) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < until <= timedelta(days=7)
    id_, taken = str(said["authorization_id"]), held(ledger)
    card_payments.capture(ledger, "c", taken, "19.99", "EUR")
    ledger.execute("UPDATE entries SET at = '2020-01-01T00:00:00.000000+00:00'")
    assert code(card_payments.capture(ledger, "late", id_, "19.99", "EUR")) == "already_voided"
    other = str(card_payments.authorize(ledger, "other", "order", PRICE, card_payments.OK).body["authorization_id"])
    assert status(ledger, other) == "authorized"
    card_payments.set_hold_limit(ledger, -1)
    assert status(ledger, other) == "voided"
    assert code(card_payments.void(ledger, "v", other)) == "already_voided"
    assert status(ledger, taken) == "captured"


def test_a_partial_capture_lets_the_rest_go_and_is_the_only_one(ledger: sqlite3.Connection) -> None:
    id_ = held(ledger)
    assert card_payments.capture(ledger, "c", id_, "10", None).status_code == 200
    assert code(card_payments.capture(ledger, "d", id_, "9.99", None)) == "already_captured"
    assert code(card_payments.void(ledger, "v", id_)) == "already_captured"
    page = money_entries.page(ledger, "order", 0, 10)
    assert page["totals"] == [
        {"order_id": "order", "currency": "EUR", "captured": "10.00", "refunded": "0.00", "open_authorization": "0.00"}
    ]


def test_no_more_is_taken_or_given_back_than_there_is(ledger: sqlite3.Connection) -> None:
    id_ = held(ledger)
    assert code(card_payments.capture(ledger, "c", id_, "20.00", None)) == "amount_too_large"
    card_payments.capture(ledger, "d", id_, "19.99", None)
    assert code(card_payments.capture(ledger, "e", id_, "19.99", None)) == "already_captured"
    assert card_payments.refund(ledger, "r", id_, "19.98", None).status_code == 201
    assert code(card_payments.refund(ledger, "s", id_, "0.02", None)) == "amount_too_large"
    assert card_payments.refund(ledger, "t", id_, "0.01", None).status_code == 201


@pytest.mark.parametrize(
    ("amount", "currency"), [("0", "EUR"), ("-1", "EUR"), ("1", "USD"), ("0.001", "EUR"), ("x", "EUR")]
)
def test_amounts_that_make_no_sense_are_no_movements(ledger: sqlite3.Connection, amount: str, currency: str) -> None:
    id_ = held(ledger)
    with pytest.raises(InvalidInput):
        card_payments.capture(ledger, "c", id_, amount, currency)
    assert status(ledger, id_) == "authorized"


def test_the_file_itself_rejects_a_second_capture(ledger: sqlite3.Connection) -> None:
    id_ = held(ledger)
    card_payments.capture(ledger, "c", id_, "1", None)
    with pytest.raises(sqlite3.IntegrityError):
        money_entries.book(ledger, "order", id_, "captured", PRICE, key="d")


@pytest.mark.parametrize(("text", "currency"), [("1000", "JPY"), ("1.234", "KWD"), ("999999999999.99", "EUR")])
def test_amounts_keep_the_minor_digits_of_their_currency(text: str, currency: str) -> None:
    amount = Money.of(text, currency)
    assert money_entries.from_minor(money_entries.to_minor(amount), currency) == amount
    assert money_entries.amount_text(money_entries.to_minor(amount), currency) == text


commands = st.lists(st.tuples(st.sampled_from(["capture", "void", "refund"]), st.integers(1, 2500)), max_size=12)


@given(commands)
def test_whatever_is_asked_no_sum_is_ever_wrong(asked: list[tuple[str, int]]) -> None:
    ledger = opened()
    id_ = held(ledger)
    for number, (command, cents) in enumerate(asked):
        amount = money_entries.amount_text(cents, "EUR")
        match command:
            case "capture":
                card_payments.capture(ledger, f"k{number}", id_, amount, None)
            case "void":
                card_payments.void(ledger, f"k{number}", id_)
            case "refund":
                card_payments.refund(ledger, f"k{number}", id_, amount, None)
        found = card_payments.find(ledger, id_)
        assert found is not None
        assert found.captured + found.voided in {0, found.authorized}
        assert 0 <= found.refunded <= found.captured
    ledger.close()


def test_a_card_that_its_customer_confirms_holds_money_once_and_only_then(ledger: sqlite3.Connection) -> None:
    id_ = held(ledger, card_payments.ACTION)
    assert status(ledger, id_) == "action_required"
    assert code(card_payments.capture(ledger, "early", id_, "19.99", "EUR")) == "action_required"
    assert entries(ledger) == []
    for _ in range(2):
        assert customer_actions.act(ledger, id_, succeeds=True)
        assert customer_actions.act(ledger, id_, succeeds=False)
    assert (status(ledger, id_), entries(ledger)) == ("authorized", ["authorized"])
    assert card_payments.capture(ledger, "taken", id_, "19.99", "EUR").status_code == 200


@pytest.mark.parametrize("is_declined", [True, False])
def test_what_waits_for_its_customer_or_was_declined_is_ended_for_good(
    ledger: sqlite3.Connection, *, is_declined: bool
) -> None:
    id_ = held(ledger, card_payments.ACTION)
    if is_declined:
        customer_actions.act(ledger, id_, succeeds=False)
        assert status(ledger, id_) == "declined"
    assert card_payments.void(ledger, "over", id_).status_code == 200
    assert code(card_payments.void(ledger, "again", id_)) == "already_voided"
    customer_actions.act(ledger, id_, succeeds=True)
    assert status(ledger, id_) == "voided"
    assert "authorized" not in entries(ledger)


def test_a_customer_who_is_expected_by_nobody_changes_nothing(ledger: sqlite3.Connection) -> None:
    assert customer_actions.act(ledger, held(ledger), succeeds=True) is None
    assert entries(ledger) == ["authorized"]


def entries(ledger: sqlite3.Connection) -> list[str]:
    return [kind for (kind,) in ledger.execute("SELECT kind FROM entries ORDER BY entry_id")]


def test_what_was_taken_can_be_disputed_and_is_given_back_only_once_that_is_over(ledger: sqlite3.Connection) -> None:
    id_, terms = held(ledger), DisputeTerms("5.00", "fraudulent", None)
    assert code(card_payments.open_dispute(ledger, "k", id_, terms)) == "not_captured"
    card_payments.capture(ledger, "c", id_, "19.99", None)
    assert (
        code(card_payments.open_dispute(ledger, "k", id_, DisputeTerms("20", "fraudulent", None))) == "amount_too_large"
    )
    before = now()
    opened = card_payments.open_dispute(ledger, "k", id_, terms)
    assert (opened.status_code, opened.body["status"], opened.body["amount"]) == (201, "open", "5.00")
    assert card_payments.show(ledger, id_).body["disputes"] == [opened.body]
    assert listed(ledger, before) == [id_]
    assert code(card_payments.refund(ledger, "r", id_, "1.00", None)) == "disputed"
    dispute_id, before = str(opened.body["dispute_id"]), now()
    assert listed(ledger, before) == []
    assert card_disputes.close(ledger, "k", dispute_id, "won").body["status"] == "won"
    assert listed(ledger, before) == [id_]
    assert str(card_payments.show(ledger, id_).body["moved_at"]) > before
    assert code(card_disputes.close(ledger, "k", dispute_id, "lost")) == "dispute_closed"
    assert code(card_disputes.close(ledger, "k", "dp_9", "lost")) == "dispute_not_found"
    assert card_payments.refund(ledger, "r", id_, "1.00", None).status_code == 201
    assert card_payments.open_dispute(ledger, "k", id_, DisputeTerms(None, "general", None)).body["amount"] == "18.99"
    assert code(card_payments.open_dispute(ledger, "k", "auth_9", terms)) == "authorization_not_found"


def listed(ledger: sqlite3.Connection, since: str) -> list[str]:
    """What moved since then, page by page."""
    found: list[str] = []
    after = 0
    while True:
        page = card_payments.moved_authorizations(ledger, since, after, 1).body
        assert isinstance(page["items"], list)
        found += [one["authorization_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            return found
        after = int(str(page["next_cursor"]))


def test_what_moved_is_listed_with_disputes_after_all_movements_of_money(ledger: sqlite3.Connection) -> None:
    begin, ids = now(), []
    for number in range(3):
        ids.append(
            str(
                card_payments.authorize(ledger, f"a{number}", "order", PRICE, card_payments.OK).body["authorization_id"]
            )
        )
        card_payments.capture(ledger, f"c{number}", ids[-1], "19.99", None)
    since = now()
    assert set(listed(ledger, begin)) == set(ids)
    assert listed(ledger, since) == []
    for id_ in ids[:2] * 2:
        assert card_payments.open_dispute(ledger, "d", id_, DisputeTerms("1.00", "general", None)).status_code == 201
    assert listed(ledger, since) == ids[:2] * 2
    assert listed(ledger, begin)[-4:] == ids[:2] * 2
