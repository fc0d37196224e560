"""Stage of a restore: a folder inside the state folder, and what an interrupted restore left there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import click

from server.core.paths import StateFolder

#: Beginning of its name. The stage is on the same disk as what it replaces, and as private.
STAGE_PREFIX = "restore."


class CutOff(click.ClickException):
    """A restore was interrupted. Its stage holds the only copy of the previous data."""

    def __init__(self, stage: Path) -> None:
        super().__init__(
            f"a restore of {stage.parent} was cut off, and the previous data is in {stage / 'old'}: "
            f"move that back or run `motte restore` again, then move {stage} away"
        )


@contextmanager
def staged(folder: StateFolder) -> Iterator[Path]:
    """Yields a stage with an empty `new` and an empty `old`. Removes the stages of earlier restores, too."""
    stage = Path(mkdtemp(prefix=STAGE_PREFIX, dir=folder.path))
    try:
        (stage / "new" / "sessions").mkdir(parents=True)
        (stage / "old").mkdir()
        yield stage
    finally:
        for left in folder.path.glob(f"{STAGE_PREFIX}*"):
            if not _is_cut_off(left):
                shutil.rmtree(left)


def check_restored(folder: StateFolder) -> None:
    """Checks that no restore was interrupted. Raises CutOff."""
    for stage in sorted(folder.path.glob(f"{STAGE_PREFIX}*")):
        if _is_cut_off(stage):
            raise CutOff(stage)


def _is_cut_off(stage: Path) -> bool:
    """The database leaves `new` last. If it is gone from there, the restore was complete."""
    return any((stage / "old").glob("*")) and (stage / "new" / StateFolder(stage).database.name).exists()
