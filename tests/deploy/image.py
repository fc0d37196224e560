"""The Dockerfile and what it sees of this folder, read."""

import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from server.cli.serve.launch import ROOT


def instructions() -> list[tuple[str, str]]:
    """Each with its arguments, of both stages; comments are left out, lines that go on are joined."""
    lines = (line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    joined = "\n".join(lines).replace("\\\n", " ")
    return re.findall(r"^([A-Z]+) +(.*\S)\s*$", joined, re.MULTILINE)


def said(instruction: str) -> list[str]:
    """What the image says with this instruction, in order."""
    return [arguments for name, arguments in instructions() if name == instruction]


def variables() -> dict[str, str]:
    """What ENV sets."""
    return dict(pair.split("=", 1) for line in said("ENV") for pair in line.split())


def context(place: Path) -> Path:
    """A copy of the files that the build gets to see."""
    for path in _seen(ROOT):
        copy = place / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return place


def _seen(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_symlink() or is_ignored(path.relative_to(ROOT)):
            continue
        if path.is_dir():
            yield from _seen(path)
        else:
            yield path


def is_ignored(path: Path) -> bool:
    """By the rules of .dockerignore: the last that fits the path, or a folder above it, decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        rule = line.removeprefix("!")
        if line and not line.startswith("#") and any(_fits(part, rule) for part in (path, *path.parents)):
            ignored = not line.startswith("!")
    return ignored


def _fits(path: Path, rule: str) -> bool:
    if rule.startswith("**/"):
        return fnmatch(path.name, rule.removeprefix("**/"))
    return len(path.parts) == len(Path(rule).parts) and fnmatch(str(path), rule)
