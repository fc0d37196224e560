"""What a confined process may do, and that an unconfined one could do everything else."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.isolation import landlock
from server.isolation.confinement import Confinement, Offered
from tests.server.isolation.attempts import ALL, BOTH, CALLS, FILES, NEEDED, NETWORK, Scene, outcomes

HERE = Offered.here()

DROP_CACHES = Path("/proc/sys/vm/drop_caches")

needs_landlock = pytest.mark.skipif(HERE.landlock < landlock.NETWORK_SINCE, reason="Landlock is too old")
needs_filter = pytest.mark.skipif(not HERE.filters_calls, reason="no filter of system calls")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    own, other = (tmp_path / "sessions" / name for name in ("own", "other"))
    code, cache = tmp_path / "connector", tmp_path / "cache"
    for folder in (own, other, code, cache):
        folder.mkdir(parents=True)
    for file in (tmp_path / "motte.db", code / "main.js", cache / "old", other / "connector.db"):
        file.write_text("secret")
    for folder in (own, other):
        os.mkfifo(folder / "events.fifo")
    with (
        socket.socket(socket.AF_UNIX) as supervisord,
        socket.create_server(("127.0.0.1", 0)) as whatsapp,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as front,
    ):
        supervisord.bind(str(tmp_path / "s"))
        supervisord.listen()
        yield Scene(
            tmp_path,
            code,
            cache,
            own,
            other,
            tmp_path / "motte.db",
            tmp_path / "s",
            front.pid,
            whatsapp.getsockname()[1],
        )
        front.kill()


def confined(scene: Scene, offered: Offered) -> dict[str, str]:
    """The outcome of each attempt of a process that uses what is offered."""
    confinement = Confinement(
        offered, own=scene.own, code=scene.code, cache=scene.cache, node=Path(sys.executable)
    )
    return outcomes(scene, ALL | NEEDED, lambda: confinement.enter(os.environ))


def done(found: dict[str, str]) -> set[str]:
    return {name for name, outcome in found.items() if outcome == "done"}


def test_without_isolation_every_attempt_succeeds(scene: Scene) -> None:
    assert outcomes(scene, ALL | NEEDED, lambda: None) == dict.fromkeys(ALL | NEEDED, "done")


@needs_landlock
@needs_filter
def test_a_confined_process_can_do_what_a_connector_needs_and_nothing_else(scene: Scene) -> None:
    found = confined(scene, HERE)
    assert done(found) == NEEDED.keys()
    assert {found[name] for name in FILES} == {"EACCES"}
    assert found["connect to supervisord"] == "EAFNOSUPPORT"


@needs_landlock
@pytest.mark.skipif(not os.access(DROP_CACHES, os.W_OK), reason="only root may have the kernel forget files")
def test_what_the_kernel_forgets_can_still_be_read(scene: Scene) -> None:
    entered, forgotten = os.pipe(), os.pipe()
    forget = f"head --bytes 1 > /dev/null && echo 2 > {DROP_CACHES} && echo"

    def prepare() -> None:
        confinement = Confinement(HERE, scene.own, scene.code, scene.cache, Path(sys.executable))
        confinement.enter(os.environ)
        os.write(entered[1], b"x")
        os.read(forgotten[0], 1)

    with subprocess.Popen(["/bin/sh", "-c", forget], stdin=entered[0], stdout=forgotten[1]):
        found = outcomes(scene, NEEDED, prepare)
    for descriptor in (*entered, *forgotten):
        os.close(descriptor)
    assert done(found) == NEEDED.keys()


@needs_landlock
def test_without_a_filter_of_calls_files_are_out_of_reach(scene: Scene) -> None:
    found = confined(scene, HERE._replace(filters_calls=False))
    assert not done(found) & (FILES | BOTH | NETWORK).keys()
    assert NEEDED.keys() <= done(found)


@needs_filter
def test_without_landlock_supervisord_and_signals_are_out_of_reach(scene: Scene) -> None:
    found = confined(scene, HERE._replace(landlock=0))
    assert not done(found) & (CALLS | BOTH).keys()
    assert NEEDED.keys() <= done(found)


@needs_landlock
@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_each_version_of_landlock_keeps_a_process_in_its_folder(scene: Scene, version: int) -> None:
    found = confined(scene, HERE._replace(landlock=version))
    assert not done(found) & FILES.keys()
    assert NEEDED.keys() <= done(found)


def test_a_confined_process_has_no_capability_and_gains_none(scene: Scene) -> None:
    reader, writer = os.pipe()
    nothing = Offered(landlock=0, filters_calls=False)
    confinement = Confinement(nothing, scene.own, scene.code, scene.cache, Path("/bin/cat"))
    child = os.fork()
    if child == 0:
        confinement.enter(os.environ)
        os.dup2(writer, 1)
        os.execv("/bin/cat", ["cat", "/proc/self/status"])  # noqa: S606  # without a shell
    os.close(writer)
    with os.fdopen(reader) as said:
        fields = dict(line.split(":\t", 1) for line in said.read().splitlines())
    os.waitpid(child, 0)
    assert fields["NoNewPrivs"] == "1"
    assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root passes over the modes of files")
def test_root_in_a_folder_of_another_user_keeps_what_reaches_it_and_no_more(scene: Scene) -> None:
    for path in (scene.own, scene.own / "events.fifo"):
        os.chown(path, 12345, 12345)
    scene.own.chmod(0o700)
    found = confined(scene, HERE)
    assert NEEDED.keys() <= done(found)
    assert not done(found) & ALL.keys()


def test_a_kernel_that_lacks_something_is_described() -> None:
    assert Offered(landlock=6, filters_calls=True).missing == []
    assert "no Landlock" in Offered(landlock=0, filters_calls=True).missing[0]
    assert "Linux 6.2" in Offered(landlock=2, filters_calls=True).missing[0]
    assert "no filter" in Offered(landlock=6, filters_calls=False).missing[0]


def test_a_folder_that_is_renamed_is_held_by_landlock_and_the_filter_together() -> None:
    assert Offered(landlock=1, filters_calls=True).holds_renamed_folders
    assert not Offered(landlock=0, filters_calls=True).holds_renamed_folders
    assert not Offered(landlock=6, filters_calls=False).holds_renamed_folders


def test_nodes_permissions_name_a_folder_by_the_name_that_lasts(scene: Scene) -> None:
    here = Path("/proc/self/cwd")
    confinement = Confinement(HERE, scene.own, scene.code, scene.cache, Path("/bin/cat"), lasting=here)
    options = confinement.node_options()
    assert f"--allow-fs-write={here}" in options
    assert not any(option.endswith(f"={scene.own}") for option in options)
