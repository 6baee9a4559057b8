"""The events of an installation's master keys (one stream): the schema of record. The keys themselves stand nowhere.

SQL functions and the event store read two of them by their topics: which key is current, and which wrap nothing new.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event


class MasterKeyAdopted(Event):
    """A master key wraps all new keys from now on; older ones are wrapped with it one after the other."""

    TOPIC: ClassVar[str] = "master_keys.MasterKeyAdopted"
    SENTENCE: ClassVar[str] = "{who} made {key_id} the current master key, kept by {kept_in}"

    key_id: UUID
    kept_in: str
    """What keeps it: a file, or which key of which key management service."""


class MasterKeyClosed(Event):
    """A master key wraps nothing new any more, in no process."""

    TOPIC: ClassVar[str] = "master_keys.MasterKeyClosed"
    SENTENCE: ClassVar[str] = "{who} had the master key {key_id} wrap nothing new any more"

    key_id: UUID


class MasterKeyRetired(Event):
    """Nothing is wrapped with a master key any more."""

    TOPIC: ClassVar[str] = "master_keys.MasterKeyRetired"
    SENTENCE: ClassVar[str] = "{who} retired the master key {key_id}: nothing is wrapped with it any more"

    key_id: UUID


class MasterKeyRemoved(Event):
    """A retired master key is removed: what only it opens, such as older backups, cannot be read any more."""

    TOPIC: ClassVar[str] = "master_keys.MasterKeyRemoved"
    SENTENCE: ClassVar[str] = "{who} removed the retired master key {key_id}"

    key_id: UUID


MasterKeyEvent = MasterKeyAdopted | MasterKeyClosed | MasterKeyRetired | MasterKeyRemoved
