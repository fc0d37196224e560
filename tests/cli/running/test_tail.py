"""`motte tail` next to a real gateway whose front is killed."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.cli.running.conftest import RunCommand
from tests.support.event_readers import events_after
from tests.support.motte import Motte
from tests.support.shell import WITHIN, started

#: How often the session is renamed, with a kill after half of them.
NAMES = [f"name {number}" for number in range(20)]


async def test_each_event_is_printed_once_though_the_front_is_killed(
    motte: Motte, command: RunCommand, tmp_path: Path
) -> None:
    await motte.create("shop")
    _, cursor = await events_after(motte)
    told: list[str] = []
    found: list[str] = []
    program = await started(motte.serve, tmp_path, "motte", "tail", "--after", cursor, "--output", "json")

    async def read() -> Any:
        """The next event."""
        assert program.stdout
        while not (line := await program.stdout.readline()).startswith(b"{"):
            assert line, told
            told.append(line.decode())
        found.append((event := json.loads(line))["id"])
        return event

    async with asyncio.timeout(WITHIN):
        for name in NAMES:
            assert (await command("sessions", "rename", "shop", name)).exit_code == 0
            if name == NAMES[0]:
                await read()
            if name == NAMES[10]:
                os.kill(json.loads(motte.folder.front.read_text())["pid"], signal.SIGKILL)
                await motte.ready()
        await motte.delete("shop")
        while (await read())["type"] != "session.deleted":
            pass
        program.send_signal(signal.SIGINT)
        assert await program.wait() == 130
    logged, _ = await events_after(motte, cursor)
    assert found == [event["id"] for event in logged]
    assert len(found) > len(NAMES)
    assert [line.partition(":")[0] for line in told] == ["Waiting for Motte", "Motte responds again.\n"]
