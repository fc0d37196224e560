"""The program folder of a wheel: complete or not there, and never of another hand."""

import errno
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.install import program
from server.cli.install.npm import NpmFailed
from server.cli.install.program import (
    UNUSED_DAYS,
    CannotInstall,
    check_trusted,
    install,
    is_complete,
    is_unchanged,
)
from tests.cli.install.conftest import Npm, publish


def silent(_sentence: str) -> None:
    pass


def fails_with(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def aged(folder: Path, *, days: float) -> Path:
    """The folder, last used so many days ago."""
    moment = time.time() - days * 86_400
    os.utime(folder, (moment, moment))
    return folder


def test_the_connectors_files_and_the_packages_are_put_into_one_folder(
    published: Path, npm: Npm, target: Path
) -> None:
    said: list[str] = []
    install(target, {}, said.append)
    assert (target / "connector" / "main.js").read_text() == "// first"
    assert (target / "connector" / "session" / "socket.js").exists()
    assert (target / "connector" / ".npmrc").exists()
    assert is_complete(target)
    assert is_unchanged(target)
    assert said == [f"Fetching the Node packages into {target.parent}: once for each version of Motte"]


def test_a_complete_folder_is_not_fetched_again(published: Path, npm: Npm, target: Path) -> None:
    install(target, {}, silent)
    install(target, {}, silent)
    assert npm.runs == 1


@pytest.mark.parametrize("name", ["node_modules/ws/index.js", "main.js"])
def test_a_folder_with_a_changed_file_is_replaced(published: Path, npm: Npm, target: Path, name: str) -> None:
    install(target, {}, silent)
    (target / "connector" / name).write_text("changed")
    assert not is_unchanged(target)
    install(target, {}, silent)
    assert is_unchanged(target)
    assert names(target.parent) == [target.name, "install.lock"]


def names(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NpmFailed("npm cannot reach its registry"), "could not be installed: npm cannot reach its registry"),
        (OSError(errno.ENOSPC, "No space left on device"), "is full"),
        (OSError(errno.EACCES, "Permission denied"), "cannot be used: Permission denied; name another"),
    ],
)
def test_a_failed_installation_says_why_and_leaves_no_folder(
    published: Path, npm: Npm, target: Path, error: Exception, said: str
) -> None:
    npm.instead = fails_with(error)
    with pytest.raises(CannotInstall, match=said):
        install(target, {}, silent)
    assert names(target.parent) == ["install.lock"]


def test_a_package_with_other_files_than_were_published_is_refused(
    published: Path, npm: Npm, target: Path
) -> None:
    npm.content = "something else"
    with pytest.raises(CannotInstall, match="other files than were published: node_modules/ws"):
        install(target, {}, silent)
    assert not target.exists()


def test_an_upgrade_with_the_same_lock_needs_no_network(published: Path, npm: Npm, target: Path) -> None:
    install(target, {}, silent)
    publish(published, "second")
    newer = target.with_name("connector-fedcba9876543210")
    npm.instead = fails_with(NpmFailed("npm cannot reach its registry"))
    install(newer, {}, silent)
    assert (newer / "connector" / "main.js").read_text() == "// second"
    assert is_unchanged(newer)
    assert is_complete(target)  # to go back


def test_damaged_packages_of_another_version_are_not_taken(published: Path, npm: Npm, target: Path) -> None:
    install(target, {}, silent)
    (target / "connector" / "node_modules" / "ws" / "index.js").write_text("changed")
    install(target.with_name("connector-fedcba9876543210"), {}, silent)
    assert npm.runs == 2


def test_another_version_goes_when_nobody_used_it_for_long(published: Path, npm: Npm, target: Path) -> None:
    install(target, {}, silent)
    newer = target.with_name("connector-fedcba9876543210")
    aged(target, days=UNUSED_DAYS - 0.1)
    install(newer, {}, silent)
    assert target.exists()
    aged(target, days=UNUSED_DAYS + 0.1)
    install(newer, {}, silent)
    assert names(target.parent) == [newer.name, "install.lock"]


def test_another_version_stays_while_a_process_works_in_it(published: Path, npm: Npm, target: Path) -> None:
    install(target, {}, silent)
    aged(target, days=UNUSED_DAYS + 1)
    with subprocess.Popen(["sleep", "60"], cwd=target / "connector") as process:
        install(target.with_name("connector-fedcba9876543210"), {}, silent)
        process.kill()
    assert target.exists()


def test_what_a_killed_installation_left_is_removed_by_the_next(
    published: Path, npm: Npm, target: Path
) -> None:
    left = target.parent / ".unfinished-abc" / "program" / "connector" / "node_modules"
    left.mkdir(parents=True)
    install(target, {}, silent)
    assert names(target.parent) == [target.name, "install.lock"]


def test_a_kill_while_npm_runs_leaves_no_folder_with_the_name(
    published: Path, npm: Npm, target: Path
) -> None:
    child = os.fork()
    if child == 0:
        npm.instead = lambda: os.kill(os.getpid(), 9)
        install(target, {}, silent)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
    assert not target.exists()
    install(target, {}, silent)
    assert is_unchanged(target)
    assert names(target.parent) == [target.name, "install.lock"]


def test_a_kill_while_the_bundle_is_built_leaves_no_folder_with_the_name(
    published: Path, npm: Npm, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise `motte serve` would take the folder for complete, and never build a bundle."""
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(program, "build_if_faulty", lambda *_, **__: os.kill(os.getpid(), 9))
        install(target, {}, silent)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
    assert not is_complete(target)


def test_each_installation_builds_the_bundle_if_it_is_faulty_and_holds_the_lock_meanwhile(
    published: Path, npm: Npm, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[tuple[bool, list[Path]]] = []

    def build(connector: Path, *_: object, lock: int, others: list[Path]) -> None:
        is_staged = connector != target / "connector"
        built.append((is_staged, others))
        with (target.parent / "install.lock").open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    monkeypatch.setattr(program, "build_if_faulty", build)
    install(target, {}, silent)
    install(target, {}, silent)
    newer = target.with_name("connector-fedcba9876543210")
    install(newer, {}, silent)
    assert built == [(True, []), (False, []), (True, [target / "connector"])]


def test_a_second_installation_waits_for_the_first(published: Path, npm: Npm, target: Path) -> None:
    target.parent.mkdir(parents=True)
    script = (
        "import fcntl, sys; lock = open(sys.argv[1], 'w'); fcntl.flock(lock, fcntl.LOCK_EX); "
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, target.parent / "install.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin
    assert holder.stdout
    holder.stdout.readline()
    said: list[str] = []

    def say(sentence: str) -> None:
        said.append(sentence)
        if len(said) == 1:
            assert holder.stdin
            holder.stdin.close()

    install(target, {}, say)
    holder.wait()
    holder.stdout.close()
    assert said[0] == "Waiting for another installation"
    assert is_complete(target)


def test_other_users_may_read_the_folder_whatever_the_umask_is(
    published: Path, npm: Npm, target: Path
) -> None:
    before = os.umask(0o077)
    try:
        install(target, {}, silent)
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    for path in (target.parent, target, target / "connector", target / "connector" / "main.js"):
        assert path.stat().st_mode & 0o004, path


def test_a_folder_that_other_users_may_change_is_not_run(
    published: Path, npm: Npm, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(target, {}, silent)
    check_trusted(target)
    target.parent.chmod(0o777)
    with pytest.raises(CannotInstall, match="chmod o-w"):
        check_trusted(target)
    with pytest.raises(CannotInstall, match="chmod o-w"):  # nor is anything in it run to install
        install(target, {}, silent)
    target.parent.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(target, 4711, 4711)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(CannotInstall, match="could change what Motte runs"):
        check_trusted(target)


def test_a_cache_that_cannot_be_made_is_named(published: Path, npm: Npm, target: Path) -> None:
    target.parent.parent.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target.parent.parent, ignore_errors=True)
    target.parent.parent.write_text("a file")
    with pytest.raises(CannotInstall, match="MOTTE_CACHE"):
        install(target, {}, silent)
