"""The HTTP API: commands in, queries out."""

from commerce.runtime.garbage import look_rarely

look_rarely()
