"""Small limits of memory, processes and files."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.deploy.environments.conftest import Opened
from tests.deploy.environments.test_containers import GROUP, USER, Make, assert_it_works, refusal

CGROUPS = Path("/sys/fs/cgroup")

MEBIBYTE = 2**20


class Cgroup:
    """A control group, of either version, with a limit of memory and one of processes and threads."""

    def __init__(self, name: str, *, memory: int, processes: int) -> None:
        """memory: bytes. Raises OSError if this host lets nobody make one."""
        is_first_version = (CGROUPS / "memory").is_dir()
        roots = [CGROUPS / "memory", CGROUPS / "pids"] if is_first_version else [CGROUPS]
        limit = "memory.limit_in_bytes" if is_first_version else "memory.max"
        self.folders = [root / name for root in roots]
        for folder in self.folders:
            folder.mkdir()
        (self.folders[0] / limit).write_text(str(memory))
        (self.folders[-1] / "pids.max").write_text(str(processes))

    @property
    def script(self) -> str:
        """What a shell does to enter it."""
        return "; ".join(f"echo $$ > {folder}/cgroup.procs" for folder in self.folders)

    def remove(self) -> None:
        for folder in self.folders:
            folder.rmdir()


@pytest.fixture
def small() -> Generator[Cgroup]:
    """512 MiB and 100 threads, as a small pod has."""
    try:
        group = Cgroup(f"motte-{os.getpid()}", memory=512 * MEBIBYTE, processes=100)
    except OSError as error:
        pytest.skip(f"needs leave to make control groups: {error}")
    yield group
    group.remove()


async def test_512_mebibytes_and_a_hundred_threads_are_enough_for_a_session(
    small: Cgroup, opened: Opened
) -> None:
    motte = await opened(script=small.script)
    await assert_it_works(motte)


async def test_as_few_open_files_as_are_allowed_are_enough_for_a_session(opened: Opened) -> None:
    motte = await opened(script="ulimit -n 128")
    await assert_it_works(motte)
    assert "at most 128 files may be open here" in motte.serve.logs()


async def test_as_few_processes_as_are_allowed_are_enough_for_a_session(opened: Opened) -> None:
    """Of a user who has no other processes."""
    script = f'prlimit --pid $$ --nproc=64; mkdir -p "$STATE"; chown {USER + 1}:{GROUP} "$STATE"'
    await assert_it_works(await opened(script=script, user=(USER + 1, GROUP)))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("ulimit -n 127", "at most 127 files may be open here, and Motte needs 128 at least"),
        ("ulimit -v 500000", "Node does not run here: it was ended by SIGTRAP"),
        ("ulimit -f 1024", "a file may have at most 524288 bytes here, and Motte needs 67108864"),
        ("umount --recursive --lazy /proc", "/proc/uptime cannot be read (No such file or directory)"),
    ],
)
async def test_too_little_is_one_sentence(place: Make, script: str, said: str) -> None:
    assert said in await refusal(place(script=script), 1)
