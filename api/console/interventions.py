"""What a person can have an order's process do: the last part of the route that does it, and what its button says."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.languages import N_

INTERVENTIONS: Mapping[str, str] = {
    "retry": N_("Ask once more"),
    "skip": N_("Go on without an answer"),
    "compensate": N_("Give the order up"),
    "resolve": N_("Close the case"),
}
"""In the order in which they are shown."""
