"""Installs the program folder of a wheel: the connector's files and its Node packages.

The folder gets its name when it is complete: a kill leaves none that is half installed.
"""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import click

from server.cli.doctor.packages import DIGESTS, digests, document
from server.cli.install.bundler import build_if_faulty
from server.cli.install.lock import lock_file
from server.cli.install.npm import NpmFailed, npm_ci
from server.core.installation import CACHE_VARIABLE, FILES, connector_files

#: Begins the names of program folders, and of unfinished ones.
PREFIX: Final = "connector-"
_UNFINISHED: Final = ".unfinished-"

#: A program folder of another version is removed when it was not used for so long. Until then, Motte can go
#: back to that version without a network.
UNUSED_DAYS: Final = 30

_OTHERS_MAY_WRITE: Final = 0o002


class CannotInstall(click.ClickException):
    """The program folder cannot be installed, and a person can fix that."""


def is_complete(program: Path) -> bool:
    """Whether a program folder is installed. A folder with this name was complete once."""
    return (program / "connector" / "node_modules").is_dir()


def is_unchanged(program: Path) -> bool:
    """Whether all Node packages are as they were published. Reads every file."""
    connector = program / "connector"
    try:
        return _has_published_packages(connector) and _has_own_files(connector)
    except OSError:
        return False


def install(program: Path, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Installs a program folder, or waits until another process has done so. Raises CannotInstall.

    Builds the bundle too, if it is faulty. If that fails, `say` gets the reason.
    """
    cache = program.parent
    try:
        with _readable_by_others():
            cache.mkdir(parents=True, exist_ok=True)
            _check_trusted(cache)
            with lock_file(cache / "install.lock", say) as lock:
                if not (is_complete(program) and is_unchanged(program)):
                    _install(program, environ, lock, say)
                else:
                    _check_trusted(program)
                    _bundle(program / "connector", cache, environ, lock, say)
                _remove_unused(cache, program)
    except OSError as error:
        raise CannotInstall(_cannot_write(cache, error)) from None


def check_trusted(program: Path) -> None:
    """Checks that no other user can change the files that will run. Raises CannotInstall."""
    for folder in (program, program.parent):
        _check_trusted(folder)


def _check_trusted(folder: Path) -> None:
    found = folder.stat()
    if found.st_uid not in (os.geteuid(), 0):
        raise CannotInstall(
            f"{folder} belongs to the user {found.st_uid}, who could change what Motte runs: "
            f"name another folder in {CACHE_VARIABLE}"
        )
    if found.st_mode & _OTHERS_MAY_WRITE:
        raise CannotInstall(f"every user may change {folder}, which Motte runs: chmod o-w {folder}")


def mark_used(program: Path) -> None:
    """Records that this program folder is used, so that no other version removes it."""
    with suppress(OSError):  # of another user or read-only: nobody removes it by age
        os.utime(program)


def _install(program: Path, environ: Mapping[str, str], lock: int, say: Callable[[str], None]) -> None:
    cache = program.parent
    staging = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=cache))
    try:
        connector = staging / "program" / "connector"
        _copy_own_files(FILES / "connector", connector)
        if not _take_from_other_version(cache, connector):
            say(f"Fetching the Node packages into {cache}: once for each version of Motte")
            npm_ci(connector, cache=staging / "npm", lock_descriptor=lock, environ=environ)
        _check(connector)
        # Before the name: what a kill leaves has either a bundle, or a reason that was shown.
        _bundle(connector, cache, environ, lock, say)
        for folder in (staging / "program", connector):
            folder.chmod(0o755)
        os.sync()  # before the name: a power failure must not leave a complete folder with empty files
        if program.exists():
            program.rename(staging / "replaced")
        (staging / "program").rename(program)
    except NpmFailed as error:
        raise CannotInstall(f"the Node packages could not be installed: {error}") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _bundle(
    connector: Path, cache: Path, environ: Mapping[str, str], lock: int, say: Callable[[str], None]
) -> None:
    others = [other for other in cache.glob(f"{PREFIX}*/connector") if other != connector]
    build_if_faulty(connector, environ, say, lock=lock, others=others)


def _check(connector: Path) -> None:
    found, published = digests(connector), document(connector / DIGESTS)
    if found != published:
        names = sorted(name for name in published if found.get(name) != published[name])
        raise NpmFailed(f"npm unpacked other files than were published: {', '.join(names[:3])}")


def _copy_own_files(source: Path, connector: Path) -> None:
    for name in connector_files(source):
        (connector / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, connector / name)


def _has_own_files(connector: Path) -> bool:
    source = FILES / "connector"
    return all(
        (connector / name).is_file() and (connector / name).read_bytes() == (source / name).read_bytes()
        for name in connector_files(source)
    )


def _take_from_other_version(cache: Path, connector: Path) -> bool:
    """Copies the packages of another version with the same lock. Returns False if no version has it."""
    lock = (connector / "package-lock.json").read_bytes()
    for other in cache.glob(f"{PREFIX}*/connector"):
        packages = other / "node_modules"
        try:
            if (other / "package-lock.json").read_bytes() == lock and _has_published_packages(other):
                shutil.copytree(packages, connector / "node_modules", symlinks=True)
                return True
        except OSError:
            shutil.rmtree(connector / "node_modules", ignore_errors=True)
    return False


def _has_published_packages(connector: Path) -> bool:
    return bool(document(connector / DIGESTS) == digests(connector))


def _remove_unused(cache: Path, program: Path) -> None:
    """Removes what killed installations left, and folders of other versions that nobody used for long."""
    for unfinished in cache.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    oldest = time.time() - UNUSED_DAYS * 86_400
    for other in cache.glob(f"{PREFIX}*"):
        if other != program and other.stat().st_mtime < oldest and not _is_in_use(other):
            # Renamed first: a half removed folder must not look complete.
            aside = other.rename(cache / f"{_UNFINISHED}{other.name}")
            shutil.rmtree(aside, ignore_errors=True)


def _is_in_use(program: Path) -> bool:
    """Whether a process works in this folder, as supervisord and all connectors do."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(program):
                return True
        except OSError:
            continue  # it has ended, or belongs to another user
    return False


@contextmanager
def _readable_by_others() -> Iterator[None]:
    """Sets the umask during the block: root may install what a service of another user runs."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _cannot_write(cache: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {cache} is full"
    return f"{cache} cannot be used: {error.strerror or error}; name another folder in {CACHE_VARIABLE}"
