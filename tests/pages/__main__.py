"""`python -m tests.pages`: writes what is made from the code: the page of integration events, the document that the
API is frozen by, and the client that is generated from it."""

from __future__ import annotations

import sys

from tests.pages.api_document import FROZEN, write_document
from tests.pages.integration_events import PAGE, page
from tests.pages.python_client import write_client

PAGE.write_text(page())
if broken := write_document():
    sys.exit("\n  ".join([f"{FROZEN.name} is not written, as clients of /api/v1 would break:", *broken]))
write_client()
