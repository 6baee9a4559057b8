"""Who runs a command, as the operating system knows them."""

from __future__ import annotations

import os
import pwd


def os_user() -> str:
    """The caller's name; variables such as USER can be set to anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
