"""Whether anything knows more than the log does, as after a backup was restored: what was signed, and subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem, warning
from commerce.evidence.head_file import HeadFile
from commerce.evidence.heads import TreeHead
from commerce.runtime.settings import Settings

CHECK = "restored"
REMEDY = "see docs/restore.md"

_KNOWN_HEAD = "SELECT root FROM commerce_audit_heads WHERE tree_size = %s"
_AHEAD = """
WITH log AS (SELECT coalesce(max(notification_id), 0) AS head FROM commerce_events)
SELECT log.head,
       array(SELECT t.application_name FROM commerce_tracking t
             WHERE t.notification_id > log.head AND t.application_name ~ '^[a-z_]+:[0-9]+$' ORDER BY 1)
FROM log
"""


async def restored(connection: AsyncConnection[Any], settings: Settings) -> list[Finding]:
    """Everything that is ahead of the log, and what to do about it."""
    found = await _heads(connection, settings)
    row = await (await connection.execute(_AHEAD)).fetchone()
    assert row is not None
    found += judge_ahead(*row)
    return found or [ok(CHECK, "nothing is ahead of the log")]


async def _heads(connection: AsyncConnection[Any], settings: Settings) -> list[Finding]:
    file = HeadFile(settings.audit_folder)
    try:
        newest = await asyncio.to_thread(file.newest)
    except (OSError, ValueError):
        text = f"the last line of {file.path} is no signed head"
        return [problem(CHECK, text, f"put back the file as it was kept elsewhere; {REMEDY}")]
    if newest is None:
        return []
    row = await (await connection.execute(_KNOWN_HEAD, [newest.tree_size])).fetchone()
    return judge_head(newest, bytes(row[0]) if row else None, str(file.path))


def judge_head(newest: TreeHead, kept_root: bytes | None, path: str) -> list[Finding]:
    """The newest head that was exported, and the root that the database has for a tree of that size, if any."""
    if kept_root == newest.root:
        return []
    text = (
        f"a log of {newest.tree_size} events was signed at {newest.signed_at}, and this database does not know it: it "
        "is older,"
        " as after a backup was restored, or it was changed; orders are taken, and no head is signed"
    )
    return [problem(CHECK, text, f"where you restored it, rename {path}, and keep it: {REMEDY}")]


def judge_ahead(head: int, subscriptions: Sequence[str]) -> list[Finding]:
    """Subscriptions that stand beyond the log's last position."""
    if not subscriptions:
        return []
    text = f"{', '.join(subscriptions)} stand beyond the log's end at {head}, and may pass over what is recorded next"
    return [warning(CHECK, text, f"restore the database whole, not the log alone; {REMEDY}")]
