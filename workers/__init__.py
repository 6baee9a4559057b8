"""The processes: subscriptions and consumers, each an application of its own."""

from commerce.runtime.garbage import look_rarely

look_rarely()
