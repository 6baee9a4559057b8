"""Master keys: one is current, older ones wrap nothing new, then nothing at all, and only then can be removed."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commerce.cli.system.master_keys import lines_of
from commerce.eventstore import Event, in_stream
from commerce.eventstore.loaded_master_keys import DERIVED_PURPOSES
from commerce.master_keys import master_key_list
from commerce.master_keys.events import MasterKeyAdopted, MasterKeyClosed, MasterKeyRemoved, MasterKeyRetired
from commerce.master_keys.master_key_list import (
    ListedKey,
    MasterKeyInUse,
    MasterKeyKnown,
    MasterKeyList,
    MasterKeyStatus,
)
from commerce.runtime.master_key import CannotUnwrap, MasterKey, derived_secret, wrapped_by
from commerce.runtime.master_keys import KeptKey, MasterKeys
from commerce.values import ids
from commerce.values.errors import BadUsage, NotFound
from tests.unit.key_ring import ring_of

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


def new(key_id: UUID) -> ListedKey:
    return ListedKey(key_id, "file", MasterKeyStatus.CURRENT)


def listed(*events: Event) -> MasterKeyList:
    """The list after the first rotation, from ONE to TWO, and further events."""
    begun = master_key_list.adopt(None, new(TWO), new(ONE))
    found = master_key_list.fold(in_stream([*begun, *events], ids.MASTER_KEYS, after=0))
    assert found is not None
    return found


def statuses(found: MasterKeyList) -> list[tuple[UUID, str]]:
    return [(key.id, key.status.value) for key in found.keys]


def test_the_first_rotation_puts_the_first_key_on_record_too() -> None:
    assert statuses(listed()) == [(ONE, "replaced"), (TWO, "current")]
    assert statuses(listed(MasterKeyAdopted(key_id=THREE, kept_in="file"))) == [
        (ONE, "replaced"),
        (TWO, "replaced"),
        (THREE, "current"),
    ]
    for known in (ONE, TWO):
        with pytest.raises(MasterKeyKnown):
            master_key_list.adopt(listed(), new(known), new(ONE))


def test_a_key_is_closed_then_retired_then_removed_and_nothing_before() -> None:
    assert [event.key_id for event in master_key_list.close(listed())] == [ONE]
    closed = listed(MasterKeyClosed(key_id=ONE))
    assert closed.is_unfinished
    assert master_key_list.close(closed) == []
    assert master_key_list.retire(listed(), {ONE}) == [], "a process may still wrap with it"
    assert master_key_list.retire(closed, set()) == []
    assert [event.key_id for event in master_key_list.retire(closed, {ONE, TWO})] == [ONE]
    retired = listed(MasterKeyClosed(key_id=ONE), MasterKeyRetired(key_id=ONE))
    assert not retired.is_unfinished
    for early in (listed(), closed):
        with pytest.raises(MasterKeyInUse):
            master_key_list.remove(early, ONE, 0)
    with pytest.raises(MasterKeyInUse, match="3 keys are wrapped with it"):
        master_key_list.remove(retired, ONE, 3)
    with pytest.raises(MasterKeyInUse, match="is current"):
        master_key_list.remove(retired, TWO, 0)
    with pytest.raises(NotFound):
        master_key_list.remove(retired, THREE, 0)
    with pytest.raises(NotFound):
        master_key_list.remove(None, ONE, 0)
    assert master_key_list.remove(retired, ONE, 0) == [MasterKeyRemoved(key_id=ONE)]
    removed = listed(MasterKeyClosed(key_id=ONE), MasterKeyRetired(key_id=ONE), MasterKeyRemoved(key_id=ONE))
    assert master_key_list.remove(removed, ONE, 0) == []


def test_a_wrapped_key_names_its_master_key_and_opens_for_its_owner_alone() -> None:
    one, two, owner, secret = MasterKey(bytes(32)), MasterKey(b"x" * 32), uuid4(), bytes(range(32))
    wrapped = one.wrap(owner, secret)
    assert wrapped_by(wrapped) == one.id != two.id
    assert one.unwrap(owner, wrapped) == secret
    unnamed = b"n" * 12 + AESGCM(bytes(32)).encrypt(b"n" * 12, secret, owner.bytes)
    assert wrapped_by(unnamed) is None
    assert one.unwrap(owner, unnamed) == secret, "what older releases wrapped"
    renamed = b"\x01" + two.id.bytes + wrapped[17:]
    for key, whose, what in (
        (two, owner, wrapped),
        (two, owner, renamed),
        (two, owner, unnamed),
        (one, uuid4(), wrapped),
        (one, owner, wrapped[:-1]),
        (one, owner, b""),
    ):
        with pytest.raises(CannotUnwrap):
            key.unwrap(whose, what)


def test_secrets_are_as_they_were_derived_before_and_later_purposes_have_one_too() -> None:
    ring = ring_of(bytes(32))
    for purpose in DERIVED_PURPOSES:
        assert ring.derived(purpose) == derived_secret(bytes(32), purpose)
    later = {ring.derived(purpose) for purpose in ("tea", "coffee")}
    assert len(later) == 2
    assert derived_secret(bytes(32), "tea") not in later, "it has to outlive the first master key"


def test_a_file_that_is_damaged_or_has_another_key_than_it_says_is_named(tmp_path: Path) -> None:
    keys = MasterKeys(tmp_path)
    keys.require_one()
    further = keys.make()
    assert {path.name for path in tmp_path.iterdir()} == {"master.key", f"master-{further.id}.key"}
    first = keys.first()
    assert first is not None
    assert keys.find(uuid4()) is None
    again = MasterKeys(tmp_path)
    again.require_one()
    assert {one.id for one in again.kept()} == {first.id, further.id}
    assert again.remove(first.id)
    again.require_one()
    assert [one.id for one in again.kept()] == [further.id], "no other first one is made in its place"
    assert again.first() is None
    path = tmp_path / f"master-{uuid4()}.json"
    for content in (b"", b"[]", b'{"key_id": 1}', json.dumps({"key_id": "x", "wrapped": "", "kept_in": ""}).encode()):
        path.write_bytes(content)
        with pytest.raises(BadUsage, match=f"{path.name} is damaged"):
            again.kept()
    said = {"key_id": str(uuid4()), "wrapped": base64.b64encode(b"?").decode(), "kept_in": "aws-kms alias/shop"}
    path.write_text(json.dumps(said))
    with pytest.raises(BadUsage, match="is wrapped by aws-kms alias/shop; set COMMERCE_KMS"):
        again.find(UUID(said["key_id"]))


def test_what_is_listed_says_where_each_key_stands_and_whether_it_is_here() -> None:
    kept = [KeptKey(TWO, Path(), "file"), KeptKey(THREE, Path(), "file")]
    counts: Counter[UUID | None] = Counter({None: 3, ONE: 2, TWO: 5})
    assert [(line.key_id, line.status, line.is_here, line.wraps) for line in lines_of(listed(), kept, TWO, counts)] == [
        (str(ONE), "replaced", False, 5),
        (str(TWO), "current", True, 5),
        (str(THREE), "prepared", True, 0),
    ]
    (alone,) = lines_of(None, [KeptKey(ONE, Path("master.key"), "file")], ONE, Counter({None: 3}))
    assert (alone.status, alone.wraps) == ("current", 3)
