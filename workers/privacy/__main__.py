"""Shows what is kept how long and what is older, or removes that: `commerce retention` calls it.

Exit code 0: done; 1: it could not be done to its end; 2: bad use.
"""

from __future__ import annotations

import asyncio
import sys

from commerce.events import EVENTS
from commerce.eventstore import open_store
from commerce.runtime.settings import Settings, load_settings
from commerce.runtime.standard_streams import ends_unread, write_utf8
from commerce.runtime.tokens import load_keys
from commerce.values.errors import BadUsage, CommerceError
from workers.privacy.retention import DAY_S, RetentionResult, apply_retention, due_for_removal, retention_rules


def main() -> int:
    """Show or apply, and return the exit code."""
    write_utf8()
    is_applied = sys.argv[1:] == ["--apply"]
    try:
        results = asyncio.run(_results(load_settings(), is_applied=is_applied))
    except (CommerceError, OSError) as error:
        print(f"commerce: {' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, BadUsage) else 1
    for one in results:
        print(line_of(one, is_applied=is_applied))
    print("the log's events, and who looked at whose data: kept for ever; what is personal ends with its key")
    if not is_applied and any(one.found for one in results):
        print("nothing was changed; --apply does it now, and the notifications worker does it every hour")
    return 0


async def _results(settings: Settings, *, is_applied: bool) -> list[RetentionResult]:
    address, master = settings.required("database_url"), load_keys(settings).master
    async with open_store(address, master, "retention", connections=2, known=EVENTS) as store:
        rules = retention_rules(store, settings)
        return await (apply_retention(rules) if is_applied else due_for_removal(rules))


def line_of(one: RetentionResult, *, is_applied: bool) -> str:
    """One kind on a line."""
    rule = one.rule
    kept = f"{rule.kept_s / DAY_S:g} days, then {rule.then}" if rule.kept_s else "for ever"
    done = f"; {one.found} {'done now' if is_applied else 'are older'}" if rule.kept_s else ""
    return f"{rule.what}: {kept} ({rule.setting}){done}"


if __name__ == "__main__":
    with ends_unread():
        sys.exit(main())
