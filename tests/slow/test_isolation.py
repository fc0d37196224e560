"""What happens to an isolated connector in the long run."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.support.eventually import eventually
from tests.support.motte import Motte

DROP_CACHES = Path("/proc/sys/vm/drop_caches")

#: Seconds: a connector reads its own memory each half minute.
READ = 35.0


@pytest.mark.skipif(not os.access(DROP_CACHES, os.W_OK), reason="only root may have the kernel forget files")
async def test_a_connector_lives_on_when_the_kernel_forgets_the_files_in_proc(motte: Motte) -> None:
    await motte.connect()
    before = await motte.connector()
    await asyncio.to_thread(DROP_CACHES.write_text, "2")

    async def has_read() -> bool:
        return bool((await motte.connector())["uptime"] > before["uptime"] + READ)

    await eventually(has_read, within=2 * READ)
    after = await motte.connector()
    assert (after["pid"], after["restarts"]) == (before["pid"], before["restarts"])
    assert (await motte.look())["status"] == "connected"
