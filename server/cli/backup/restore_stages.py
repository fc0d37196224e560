"""Where a restore is made ready inside the state folder, and what one that was cut off has left there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import click

from server.core.paths import StateFolder

#: How its name begins. On the same disk as what is replaced, and as private.
STAGE = "restore."


class CutOff(click.ClickException):
    """A restore ended half-way, and holds the only copy of what was there before it."""

    def __init__(self, stage: Path) -> None:
        super().__init__(
            f"a restore of {stage.parent} was cut off, and what it had set aside is in {stage / 'old'}: "
            f"move that back or `motte restore` anew, then move {stage} away"
        )


@contextmanager
def staged(folder: StateFolder) -> Iterator[Path]:
    """A stage with an empty `new` and an empty `old`. What earlier restores have left goes with it."""
    stage = Path(mkdtemp(prefix=STAGE, dir=folder.path))
    try:
        (stage / "new" / "sessions").mkdir(parents=True)
        (stage / "old").mkdir()
        yield stage
    finally:
        for left in folder.path.glob(f"{STAGE}*"):
            if not _is_cut_off(left):
                shutil.rmtree(left)


def check_restored(folder: StateFolder) -> None:
    """Every restore has come to its end, or has put everything back. Raises CutOff."""
    for stage in sorted(folder.path.glob(f"{STAGE}*")):
        if _is_cut_off(stage):
            raise CutOff(stage)


def _is_cut_off(stage: Path) -> bool:
    """The record is the last to leave `new`: where it is not there any more, all of it is in its place."""
    return any((stage / "old").glob("*")) and (stage / "new" / StateFolder(stage).database.name).exists()
