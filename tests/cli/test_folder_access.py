"""A state folder is judged by what this user can do in it, not by its owner."""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import click
import pytest

from server.cli.doctor.state_folder import check_permissions
from server.cli.serve.preflight import make_private
from server.core.paths import StateFolder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")

#: A user and a group that nobody has.
USER = GROUP = 10_001


@pytest.fixture
def volume() -> Generator[StateFolder]:
    """A folder that others can reach: pytest's own is closed to them."""
    place = Path(tempfile.mkdtemp(prefix="motte-volume-"))
    place.chmod(0o755)
    folder = StateFolder(place / "state")
    folder.path.mkdir()
    yield folder
    shutil.rmtree(place)


def as_user(folder: StateFolder) -> str:
    """What `motte serve` and `motte doctor` say about the folder, in a process of that user."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(GROUP)
        os.setuid(USER)
        os.umask(0o077)
        try:
            make_private(folder)
            said = f"{check_permissions(folder).verdict}"
        except click.ClickException as error:
            said = error.message
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


def give(folder: StateFolder, owner: int, group: int, mode: int) -> None:
    os.chown(folder.path, owner, group)
    folder.path.chmod(mode)


def test_a_volume_whose_group_was_set_for_the_pod_works_and_is_a_warning(volume: StateFolder) -> None:
    give(volume, 0, GROUP, 0o2775)
    assert as_user(volume) == "warning"
    for part in (volume.logs, volume.sessions):
        assert (part.stat().st_uid, part.stat().st_mode & 0o777) == (USER, 0o700)


def test_a_folder_of_another_user_that_nobody_else_can_write_to_is_fine(volume: StateFolder) -> None:
    give(volume, USER, 0, 0o755)
    assert as_user(volume) == "ok"
    assert volume.path.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_this_user_may_not_write_to_is_refused_with_what_helps(volume: StateFolder) -> None:
    give(volume, 0, 0, 0o755)
    said = as_user(volume)
    assert f"the user {USER} may not write to {volume.path}, which belongs to the user 0" in said
    assert "chgrp" in said
    assert list(volume.path.iterdir()) == []


def test_what_an_earlier_motte_of_another_user_made_is_left_alone(volume: StateFolder) -> None:
    give(volume, 0, GROUP, 0o2775)
    volume.database.touch()
    assert f"{volume.database} belongs to the user 0, this is {USER}" in as_user(volume)
    assert list(volume.path.iterdir()) == [volume.database]


def test_root_does_not_take_over_what_a_user_keeps(volume: StateFolder) -> None:
    volume.database.touch()
    os.chown(volume.database, USER, GROUP)
    with pytest.raises(click.ClickException, match=f"belongs to the user {USER}"):
        make_private(volume)
