"""Kills of the processes of a Motte."""

import json
import os
from contextlib import suppress

from tests.support.motte import Motte


async def kill_connector(motte: Motte) -> None:
    """Kill -9, unless it is being started anyway."""
    program = (await motte.programs()).get("shop")
    if program is not None and program.pid:
        with suppress(ProcessLookupError):
            os.kill(program.pid, 9)


def kill_front(motte: Motte) -> None:
    """Kill -9 the process of the REST API; supervisord starts it again."""
    with suppress(ProcessLookupError):
        os.kill(json.loads(motte.folder.front.read_text())["pid"], 9)
