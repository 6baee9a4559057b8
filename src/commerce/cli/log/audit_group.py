"""The group `commerce audit`, whose first word may be an order."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

from commerce.values.errors import BadUsage

TRACE = "trace"
"""The command that an order's id by itself stands for."""


class OrderOrCommand(TyperGroup):
    """A group whose first word is one of its commands, or else the order that is to be traced."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's own class
        """See typer: `commerce audit ORDER_ID` is `commerce audit trace ORDER_ID`. Raises `BadUsage` where
        nothing is named."""
        if not args:
            raise BadUsage(f"say which order: commerce audit ORDER_ID; or one of {', '.join(self.commands)}")
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = [TRACE, *args]
        return super().parse_args(ctx, args)
