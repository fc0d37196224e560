"""The files that this process holds open."""

from pathlib import Path


def open_below(folder: Path) -> list[str]:
    """Return the files in a folder, also deleted ones, once for each open descriptor."""
    files = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            files.append(str(descriptor.readlink()))
        except FileNotFoundError:  # the one that listed them
            continue
    return [file for file in files if file.startswith(f"{folder}/")]
