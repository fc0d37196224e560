"""What containers give to a program, and what they keep from it."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.cli.sandbox.gateway import processes_of
from tests.deploy.environments.conftest import Opened
from tests.deploy.environments.place import Place
from tests.support.motte import Motte
from tests.support.phones import Phones
from tests.support.serve import STOP_WITHIN

Make = Callable[..., Place]

#: A user and a group that no file of the host belongs to.
USER = GROUP = 10_001

#: Only the state folder can be written, and there is no place for temporary files.
READ_ONLY = """
mkdir -p "$STATE"
mount --bind "$STATE" "$STATE"
for place in /dev/shm /var/tmp /run; do mount -t tmpfs -o ro tmpfs "$place"; done
mount -o remount,bind,ro /
"""

#: Variables that Kubernetes sets for each service, and some of every pod.
INJECTED = {
    "MOTTE_PORT": "tcp://10.96.0.7:8090",
    "MOTTE_SERVICE_HOST": "10.96.0.7",
    "MOTTE_SERVICE_PORT": "8090",
    "MOTTE_SERVICE_PORT_HTTP": "8090",
    "MOTTE_PORT_8090_TCP": "tcp://10.96.0.7:8090",
    "MOTTE_PORT_8090_TCP_PROTO": "tcp",
    "MOTTE_PORT_8090_TCP_PORT": "8090",
    "MOTTE_PORT_8090_TCP_ADDR": "10.96.0.7",
    "MOTTE_SANDBOX_PORT": "tcp://10.96.0.8:8091",
    "KUBERNETES_SERVICE_HOST": "10.96.0.1",
    "KUBERNETES_PORT": "tcp://10.96.0.1:443",
    "HOSTNAME": "motte-0",
}


async def assert_it_works(motte: Motte) -> None:
    """A session pairs, and all ends on SIGTERM within the ten seconds that Docker gives."""
    await motte.connect()
    os.kill(motte.serve.pid, signal.SIGTERM)
    started = time.monotonic()
    assert await asyncio.to_thread(motte.serve.exit_code) == 0, motte.serve.logs()
    assert time.monotonic() - started < STOP_WITHIN
    assert processes_of(motte.folder) == []
    assert "Traceback" not in motte.serve.logs()


@contextmanager
def volume(folder: Path) -> Generator[None]:
    """A new file system, as a cloud's volume is, mounted at the folder."""
    image = folder.with_name("volume.img")
    with image.open("wb") as file:
        file.truncate(64 * 2**20)
    folder.mkdir()
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def refusal(place: Place, code: int) -> str:
    """The one sentence with which Motte does not start."""
    place.start()
    assert await asyncio.to_thread(place.exit_code) == code
    [sentence] = (place.place / "serve.log").read_text().splitlines()
    assert sentence.startswith("Error: ")
    return sentence


async def test_a_read_only_root_without_temporary_folders(opened: Opened) -> None:
    motte = await opened(script=READ_ONLY)
    await motte.connect()
    root = Path(f"/proc/{await motte.pid()}/root")
    with pytest.raises(OSError, match="Read-only"):
        (root / "tmp" / "written").touch()
    await motte.tell("shop", "stop")
    os.kill(motte.serve.pid, signal.SIGTERM)
    assert await asyncio.to_thread(motte.serve.exit_code) == 0


@pytest.mark.parametrize(
    ("user", "mode"),
    [((USER, GROUP), 0o2775), ((1_000_680_000, 0), 0o770)],
    ids=["fsGroup", "any uid of group 0"],
)
async def test_a_volume_of_root_whose_group_is_that_of_the_user(
    opened: Opened, user: tuple[int, int], mode: int
) -> None:
    script = f'mkdir -p "$STATE"; chown 0:{user[1]} "$STATE"; chmod {mode:o} "$STATE"'
    motte = await opened(script=script, user=user)
    await assert_it_works(motte)
    for part in (motte.folder.database, motte.folder.sessions, motte.folder.logs):
        status = part.stat()
        assert (status.st_uid, status.st_mode & 0o077) == (user[0], 0)


async def test_a_fresh_volume_with_lost_and_found(place: Make, phones: Phones) -> None:
    pod = place(user=(USER, GROUP))
    with volume(pod.folder.path):
        assert [path.name for path in pod.folder.path.iterdir()] == ["lost+found"]
        os.chown(pod.folder.path, 0, GROUP)
        pod.folder.path.chmod(0o2775)
        async with Motte.opened(pod, phones) as motte:
            await assert_it_works(motte)
        assert (pod.folder.path / "lost+found").is_dir()


@pytest.mark.parametrize("without", ["umount /dev/shm", "mount -t tmpfs -o size=4k tmpfs /dev/shm"])
async def test_a_dev_shm_that_is_missing_or_tiny(opened: Opened, without: str) -> None:
    await assert_it_works(await opened(script=without))


async def test_no_home_no_terminal_and_hardly_a_variable(opened: Opened) -> None:
    await assert_it_works(await opened(is_bare=True, script="exec <&-"))


async def test_without_home_and_without_a_state_folder_nothing_is_made(place: Make) -> None:
    bare = place(is_bare=True, environ={"MOTTE_STATE": ""}, user=(USER, GROUP))
    before = set(Path.cwd().iterdir())
    assert "MOTTE_STATE must be a path without ~" in await refusal(bare, 2)
    assert set(Path.cwd().iterdir()) == before


async def test_what_kubernetes_sets_for_a_service_of_that_name(opened: Opened) -> None:
    await assert_it_works(await opened(environ=INJECTED))


async def test_an_env_file_whose_values_have_quotes(place: Make, opened: Opened) -> None:
    quoted = place(environ={"MOTTE_LISTEN": '"127.0.0.1:0"'})
    sentence = await refusal(quoted, 2)
    assert "the value has quotes around it, which an env file of Docker passes on" in sentence
    assert not quoted.folder.path.exists()

    motte = await opened(environ={"MOTTE_PUBLIC_URL": "", "MOTTE_LOG_FORMAT": "json"})
    await assert_it_works(motte)
    log = (motte.serve.place / "serve.log").read_text()
    assert "Warning" not in log


async def test_another_host_name_and_another_time_zone_at_each_start(opened: Opened) -> None:
    motte = await opened(script="hostname motte-1", environ={"TZ": "Pacific/Kiritimati"})
    await motte.connect()
    await asyncio.to_thread(motte.serve.stop)
    motte.serve.script = "hostname motte-2"  # type: ignore[attr-defined]  # it is a Place
    motte.serve.environ = {"TZ": "Pacific/Pago_Pago"}  # type: ignore[attr-defined]
    await motte.ready()
    assert (await motte.until("connected"))["phoneNumber"]
    assert (await motte.phones.counts())[0] == 1


async def test_a_second_replica_on_the_same_folder_does_not_start_and_disturbs_nobody(
    opened: Opened, place: Make
) -> None:
    motte = await opened(script="hostname motte-1")
    await motte.connect()
    second = place(script="hostname motte-2", environ={"MOTTE_STATE": str(motte.folder.path)})
    assert f"another `motte serve` runs on the state folder {motte.folder.path}" in await refusal(second, 1)
    assert (await motte.look())["status"] == "connected"


async def test_of_replicas_that_start_in_the_same_moment_one_runs(place: Make, phones: Phones) -> None:
    replicas = [place() for _ in range(4)]
    for one in replicas:
        one.folder = replicas[0].folder
        one.start()
    ended = [one for one in replicas if await ends(one)]
    assert len(ended) == 3
    for one in ended:
        assert one.exit_code() == 1
        said = (one.place / "serve.log").read_text()
        assert f"another `motte serve` runs on the state folder {one.folder.path}" in said
    [winner] = set(replicas) - set(ended)
    async with Motte.opened(winner, phones) as motte:
        await motte.connect()


async def ends(place: Place) -> bool:
    """Whether it ended by itself within some seconds."""
    try:
        await asyncio.to_thread(place.exit_code)
    except subprocess.TimeoutExpired:
        return False
    return True
