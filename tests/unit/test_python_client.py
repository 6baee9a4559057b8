"""The committed client is what the generator makes of the committed document."""

from __future__ import annotations

from tests.pages.python_client import committed_client, generated_client


def test_the_committed_client_is_what_the_generator_makes() -> None:
    """Three seconds of work: nothing less tells what was generated from what was changed by hand."""
    made, committed = generated_client(), committed_client()
    differing = sorted(path for path in made | committed if made.get(path) != committed.get(path))
    assert differing == [], "run `make docs`, and commit what it writes"
