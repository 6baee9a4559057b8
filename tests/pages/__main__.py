"""`python -m tests.pages`: writes the pages that are made from the code."""

from __future__ import annotations

from tests.pages.integration_events import PAGE, page

PAGE.write_text(page())
