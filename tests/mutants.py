"""Says which mutants of the process manager live after `mutmut run`, and what share was killed (`make mutants`).

Fails where fewer than `LEAST_KILLED` of those that differ in what they do were killed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

LEAST_KILLED = 0.95
MUTMUT = Path(sys.executable).with_name("mutmut")

EQUIVALENT: tuple[tuple[str, str, str], ...] = (
    ("", r"cast\(None, ", "a cast does nothing when it runs"),
    ("", r"zip\(.*(strict=(None|False)|, \))", "the columns have one length"),
    ("", r"\.occurrence\(None\)|occurrence_of\(event\.step, None\)", "no order takes a step twice as yet, so no key"),
    ("subscription.xǁProcessManagerǁ", r"self\._(batch|opened).* = None$", "set before it is read"),
    ("subscription.xǁProcessManagerǁ__init__", r"_has_past = None", "as good as false"),
    ("decision_comparison.xǁOrderDecisionsǁdifference", r'first: .* = ""', "there is always a first"),
    ("process.x_without", r"key = None", "no order takes a step twice as yet, so no key"),
    ("compensation_timeout", r"min\(passed, 17\)", "the longest is reached long before"),
    ("decide.x__postponed", r"or True else", "no event answers a request without a name"),
)
"""What lives because it does the same, by the function, a pattern of the line as it was changed, and the reason."""

BY_DATABASE = ("deadlines.x_soonest_deadlines", "deadlines.x_clear_deadlines")
"""Only ask the database, so that no quick test calls them: `tests/integration/saga/test_process_manager.py` does."""


def mutmut(*arguments: str) -> str:
    """What it says, without the ornaments."""
    done = subprocess.run([MUTMUT, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def results() -> dict[str, str]:
    """What became of each mutant."""
    return dict(re.findall(r"^\s*(\S+__mutmut_\d+): (.+)$", mutmut("results", "--all", "true"), re.MULTILINE))


def change(mutant: str) -> str:
    """The lines that a mutant has instead, or what it lacks where it has none."""
    lines = [line for line in mutmut("show", mutant).splitlines() if not line.startswith(("+++", "---"))]
    added = [line[1:].strip() for line in lines if line.startswith("+")]
    lost = [line[1:].strip() for line in lines if line.startswith("-")]
    return " ".join(added) or f"without: {' '.join(lost)}"


def reason_to_live(function: str, changed: str) -> str | None:
    """Why a mutant does the same as the code, if it does."""
    return next((why for name, line, why in EQUIVALENT if name in function and re.search(line, changed)), None)


def main() -> int:
    """Print the mutants that live, and the share killed."""
    fates = results()
    counts = Counter(fates.values())
    if counts["not checked"]:
        print(f"{counts['not checked']} of {len(fates)} mutants were not tried yet: run make mutants again")
        return 2
    by_database = [mutant for mutant in fates if any(name in mutant for name in BY_DATABASE)]
    equivalent = 0
    for mutant, fate in sorted(fates.items()):
        if fate in ("killed", "timeout") or mutant in by_database:
            continue
        function, changed = mutant.rpartition("__mutmut_")[0], change(mutant)
        reason = reason_to_live(function, changed)
        equivalent += reason is not None
        print(f"{mutant}: {reason or fate}\n    {changed}")
    killed, different = counts["killed"] + counts["timeout"], len(fates) - equivalent - len(by_database)
    share = killed / different if different else 0.0
    print(f"{killed} of {different} mutants were killed ({share:.1%}); {equivalent} more do the same as the code,")
    print(f"and {len(by_database)} are of functions that only ask the database")
    return 0 if share >= LEAST_KILLED else 1


if __name__ == "__main__":
    sys.exit(main())
