"""Collected if it is asked for: `make deploy`."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.environments.place import Place
from tests.deploy.namespaces import may_unshare
from tests.end_to_end.conftest import phones, sandbox, settings
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox

__all__ = ["phones", "sandbox", "settings"]

HERE = Path(__file__).parent

#: Programs of util-linux and e2fsprogs, which every distribution has.
PROGRAMS = ("unshare", "setpriv", "mount", "mkfs.ext4", "losetup")

#: Opens a Motte in an environment: `await opened(script="umount /dev/shm")`.
Opened = Callable[..., Awaitable[Motte]]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only a command line that names this folder, or a file in it, runs these tests."""
    asked = [Path(config.invocation_params.dir, word.partition("::")[0]) for word in config.args]
    return None if any(path.is_relative_to(HERE) for path in asked) else True


@pytest.fixture(scope="session", autouse=True)
def _possible() -> None:
    """Where no environment can be made these tests fail: to pass them over would look like success."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing or not may_unshare() or os.geteuid() != 0:
        wanted = ", ".join(missing) or "root, and leave to make namespaces"
        pytest.exit(f"environments of containers cannot be played here: {wanted} needed", returncode=1)


@pytest.fixture
async def place(sandbox: Sandbox) -> AsyncGenerator[Callable[..., Place]]:
    """Makes an environment; Motte is not started yet. Everything is stopped and removed at the end."""
    made: list[Place] = []

    def make(**options: Any) -> Place:
        made.append(Place(sandbox.settings, **options))
        return made[-1]

    yield make
    for one in sorted(made, key=lambda one: not one.is_running):  # several may have had one folder
        await asyncio.to_thread(one.stop)
        one.remove()


@pytest.fixture
async def opened(place: Callable[..., Place], phones: Phones) -> AsyncGenerator[Opened]:
    """Starts Motte in an environment, and returns once it is ready."""
    async with AsyncExitStack() as stack:

        async def open_motte(**options: Any) -> Motte:
            return await stack.enter_async_context(Motte.opened(place(**options), phones))

        yield open_motte
