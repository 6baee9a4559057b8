"""What somebody types who acts through the API: their name, a key, JSON; each is checked before anything is sent."""

from __future__ import annotations

import getpass
import json
from uuid import uuid4

from commerce.runtime.tokens import names_somebody
from commerce.values.errors import BadUsage
from commerce.values.strict_json import NotStrictJson, read_strictly

_LONGEST_KEY_CHARACTERS = 255


def typed_name(by: str | None) -> str:
    """Who acts: whom `--by` names, or the login where it is left out. Raises `BadUsage`."""
    if by is None:
        return getpass.getuser()
    if not names_somebody(by):
        raise BadUsage("--by is empty, breaks a line or turns its direction; say who does it")
    return by


def typed_key(key: str | None) -> str:
    """The idempotency key that was given, or a new one where it is left out. Raises `BadUsage`."""
    if key is None:
        return str(uuid4())
    if not 1 <= len(key) <= _LONGEST_KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        raise BadUsage(
            f"--key is 1 to {_LONGEST_KEY_CHARACTERS} printable ASCII characters; leave it out for a new one"
        )
    return key


def typed_object(option: str, text: str) -> dict[str, object]:
    """The JSON object that an option was given, read as strictly as the API reads a body. Raises `BadUsage`."""
    try:
        found = read_strictly(text.encode())
        json.dumps(found, allow_nan=False)
    except NotStrictJson as error:
        raise BadUsage(f"{option}: {error}") from None
    except UnicodeEncodeError:
        found = None
    except ValueError:
        raise BadUsage(f"{option}: a number in it is greater than a number can be") from None
    if not isinstance(found, dict):
        raise BadUsage(f"{option} takes a JSON object, such as '{{\"quantity\": 1}}'")
    return found
