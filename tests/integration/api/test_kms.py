"""Master keys that AWS KMS has wrapped, with a real server of its protocol: it is asked when a process starts, and for
no request."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import botocore.session
import pytest
from botocore.exceptions import BotoCoreError

from commerce.cli.checks import files
from commerce.embedded.ports import free_port
from commerce.eventstore import open_store, wrapped_counts
from commerce.master_keys.commands import remove_master_key, rotate_master_key
from commerce.runtime.aws_kms import AwsKeyService
from commerce.runtime.master_keys import MasterKeys
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import installed_master_keys, load_keys
from commerce.values.errors import BadUsage, Unavailable
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.test_master_keys import BY_ANNA, FIRST, finish
from tests.waiting import LIMIT_S, eventually

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-central-1"}


@dataclass(frozen=True)
class Kms:
    """A running server with a key."""

    url: str
    key: str
    process: subprocess.Popen[bytes]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server, and where it is; starting it takes two seconds."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield f"http://127.0.0.1:{port}", process
        process.kill()


@pytest.fixture
async def kms(server: tuple[str, subprocess.Popen[bytes]]) -> Kms:
    """A server with a key."""
    url, process = server
    client = botocore.session.get_session().create_client("kms", endpoint_url=url)
    made: list[str] = []

    def has_key() -> bool:
        try:
            made.append(client.create_key()["KeyMetadata"]["KeyId"])
        except BotoCoreError:
            return False
        return True

    await eventually(has_key)
    return Kms(url, made[-1], process)


def test_a_master_key_lies_wrapped_in_its_file_and_every_process_has_the_same(kms: Kms, tmp_path: Path) -> None:
    service = AwsKeyService(kms.key, kms.url)
    keys = MasterKeys(tmp_path, service)
    keys.require_one()
    first, further = keys.first(), keys.make()
    assert first is not None
    assert {path.name for path in tmp_path.iterdir()} == {"master.json", f"master-{further.id}.json"}
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        for one in (first, further):
            assert base64.b64encode(one.secret) not in path.read_bytes()
    again = MasterKeys(tmp_path, AwsKeyService(kms.key, kms.url))
    for one in (first, further):
        found = again.find(one.id)
        assert found is not None
        assert found.secret == one.secret
    said = (tmp_path / "master.json").read_text()
    (tmp_path / "master.json").write_text(said.replace(str(first.id), str(uuid4())))
    with pytest.raises(BadUsage, match="refuses to decrypt a master key: InvalidCiphertextException"):
        MasterKeys(tmp_path, service).first()
    with pytest.raises(BadUsage, match="refuses to encrypt a master key: NotFoundException"):
        AwsKeyService(str(uuid4()), kms.url).wrap(first.id, first.secret)


def test_a_service_that_does_not_answer_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="aws-kms alias/shop does not answer"):
        AwsKeyService("alias/shop", f"http://127.0.0.1:{free_port()}").unwrap(uuid4(), b"?")
    assert time.monotonic() - began < LIMIT_S / 4
    with pytest.raises(BadUsage, match="COMMERCE_KMS_KEY is not set"):
        installed_master_keys(Settings(kms="aws"))


async def test_a_shop_moves_from_a_file_to_the_service_and_takes_orders_while_that_is_down(
    shop: Shop, kms: Kms
) -> None:
    await shop.stock("lamp")
    before = await placed(shop)
    moved = shop.settings.model_copy(update={"kms": "aws", "kms_key": kms.key, "kms_endpoint": kms.url})
    address = moved.required("database_url")
    async with serving(moved) as url, open_store(address, load_keys(moved).master, "other") as store:
        second = await rotate_master_key(store, BY_ANNA)
        await finish(store)
        assert set(await wrapped_counts(store.pool)) == {second}
        assert await remove_master_key(store, FIRST, BY_ANNA)
        assert [path.suffix for path in moved.keys_folder.glob("master*")] == [".json"]
        client = shop.client("operator", "by the other address")
        client.base_url = f"{url}/api/v1"
        assert (await client.get(f"/orders/{before}")).json()["personal_data"] == "readable"
        kms.process.kill()
        kms.process.wait()
        orders: list[str] = []

        async def is_taken() -> bool:
            answer = await client.post("/orders", json=order(), headers=key())
            orders.extend([answer.json()["order_id"]] if answer.is_success else [])
            return answer.is_success

        await eventually(is_taken)  # once it has learnt of the rotation, which is closed here at once
        for one in (before, *orders):
            assert (await client.get(f"/orders/{one}")).json()["personal_data"] == "readable"
        with pytest.raises(Unavailable, match="does not answer"):
            await rotate_master_key(store, BY_ANNA)
    with pytest.raises(BadUsage, match=f"master key cannot be had: aws-kms {kms.key} does not answer"):
        async with open_store(address, load_keys(moved).master, "starts now"):
            pass
    with pytest.raises(BadUsage, match="set COMMERCE_KMS to what unwraps it"):
        async with open_store(address, load_keys(shop.settings).master, "without the setting"):
            pass
    (told,) = [one.text for one in files.folder(moved) if one.level == "problem"]
    assert "does not answer" in told


async def placed(shop: Shop) -> str:
    """An order of a guest."""
    answer = await shop.client("operator").post("/orders", json=order(), headers=key())
    return str(answer.raise_for_status().json()["order_id"])
