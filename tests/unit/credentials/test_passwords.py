"""Which passwords may be chosen, and how they are hashed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from commerce.credentials import password_hashes
from commerce.credentials.password_hashes import LONGEST_QUEUE_HASHES, PasswordHashes
from commerce.credentials.password_rules import check_new
from commerce.values.errors import InvalidInput, Unavailable

EMAIL = "Ada.Lovelace@example.org"


@pytest.fixture
def hashes() -> Iterator[PasswordHashes]:
    made = PasswordHashes()
    yield made
    made.close()


SHORT = ("", "short", "1234567", "e\u0301" * 7, "a" * 129)
KNOWN = ("password", "Password1", "12345678", "qwertyuiop", "ILoveYou1", "aaaaaaaaaaaa")
OWN = ("ada.lovelace", EMAIL, EMAIL.upper())
OTHERS = ("correct horse battery", "Tr0ub4dor&3", "e\u0301" * 8 + "x", "密码密码密码密码1", " " * 7 + "a")


@pytest.mark.parametrize("password", [*SHORT, *KNOWN, *OWN])
def test_a_password_that_is_short_or_known_is_rejected(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_new(password, EMAIL)
    assert caught.value.field == "password"
    assert password in ("", "password") or password not in str(caught.value)


@pytest.mark.parametrize("password", OTHERS)
def test_other_passwords_are_taken_as_they_are(password: str) -> None:
    check_new(password, EMAIL)


async def test_a_password_is_known_again_however_it_is_typed(hashes: PasswordHashes) -> None:
    hashed = await hashes.of_new("caf\u00e9 au lait", EMAIL)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await hashes.is_of("cafe\u0301 au lait", hashed)
    assert not await hashes.is_of("cafe au lait", hashed)
    assert await hashes.of_new("caf\u00e9 au lait", EMAIL) != hashed


async def test_a_password_of_nobody_is_compared_with_a_hash_that_takes_as_long(
    hashes: PasswordHashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def verify(_password: str, known: str) -> bool:
        asked.append(known)
        return True

    monkeypatch.setattr(hashes._hash, "verify", verify)
    assert not await hashes.is_of("nobody's", None)
    assert asked[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_no_password_is_the_one_of_nobody(hashes: PasswordHashes) -> None:
    assert not await hashes.is_of("", password_hashes._NOBODYS)


async def test_hashes_are_made_beside_everything_else_and_too_many_are_rejected(hashes: PasswordHashes) -> None:
    go = threading.Event()
    waiting = [asyncio.create_task(hashes._run(go.wait)) for _ in range(LONGEST_QUEUE_HASHES)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await hashes.is_of("a password", None)
    go.set()
    assert all(await asyncio.gather(*waiting))
    assert not await hashes.is_of("a password", None)
