"""Messages that come five times, in any order: the result is that of each coming once."""

from __future__ import annotations

from pathlib import Path

import nats
import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.harmed import Harm
from tests.faults.load import shoppers
from tests.system.conftest import System, running


@pytest.mark.long
@pytest.mark.fault("messages five times and shuffled", "publisher patched, ids that the broker does not know")
async def test_messages_that_come_five_times_and_shuffled_change_nothing(tmp_path: Path) -> None:
    harm = Harm(tmp_path / "harm", "messages-doubled")
    with running(
        tmp_path / "home", "--replicas", "payments=2,shipping=2,notifications=2", settings=harm.settings
    ) as system:
        async with shoppers(system) as load:
            load.cancels = True
            load.begin(report.orders(400))
            await agree(system, load)
            report.count(messages=await stored(system))


async def stored(system: System) -> int:
    """How many messages the broker ever stored."""
    client = await nats.connect(system.run["broker_url"])
    streams = await client.jetstream().streams_info()
    await client.close()
    return sum(stream.state.last_seq for stream in streams)
