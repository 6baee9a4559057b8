"""What knows more than the log does, as after a backup was restored, is named with what to do."""

from __future__ import annotations

from commerce.cli.checks.restored import judge_ahead, judge_head
from commerce.evidence.heads import TreeHead

HEAD = TreeHead(120, 1_795_890_000_000, b"r" * 32, b"s" * 64)


def test_a_head_that_the_database_knows_is_no_finding() -> None:
    assert judge_head(HEAD, HEAD.root, "heads.jsonl") == []


def test_a_head_that_the_database_does_not_know_or_knows_otherwise_is_a_problem_with_its_remedy() -> None:
    for kept in (None, b"x" * 32):
        (found,) = judge_head(HEAD, kept, "/shop/audit/heads.jsonl")
        assert found.level == "problem"
        assert "a log of 120 events was signed at 2026-11-28" in found.text
        assert "rename /shop/audit/heads.jsonl, and keep it: see docs/restore.md" in found.remedy


def test_what_stands_beyond_the_end_of_the_log_is_named() -> None:
    assert judge_ahead(90, []) == []
    (found,) = judge_ahead(90, ["orders:0", "saga:1"])
    assert "orders:0, saga:1 stand beyond the log's end at 90" in found.text
    assert found.level == "warning", "where only the newest event is gone, nothing is passed over"
