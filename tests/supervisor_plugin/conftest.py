"""What the tests of supervision share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.supervisor_plugin.rig import Rig

#: Options of `[rpcinterface:motte]`, unless a test says otherwise.
QUICK = {
    "startsecs": "0.1",
    "stopwaitsecs": "0.5",
    "first_delay": "0.05",
    "steady_after": "3600",
    "first_spare": "0",
}

#: Called with options that replace these.
NewRig = Callable[..., Rig]
StartRig = Callable[..., Awaitable[Rig]]


@pytest.fixture
async def new_rig(tmp_path: Path) -> AsyncIterator[NewRig]:
    """Makes a supervisord that is not started; it is stopped after the test."""
    rigs: list[Rig] = []

    def new(**options: str) -> Rig:
        rigs.append(Rig(tmp_path, **{**QUICK, **options}))
        return rigs[-1]

    yield new
    for rig in rigs:
        await rig.stop()


@pytest.fixture
async def start_rig(new_rig: NewRig) -> StartRig:
    """Starts a supervisord."""

    async def start(**options: str) -> Rig:
        return await new_rig(**options).start()

    return start


@pytest.fixture
async def rig(start_rig: StartRig) -> Rig:
    """A supervisord that runs."""
    return await start_rig()
