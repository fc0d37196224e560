"""supervisord's log of its connectors: each change of state, starts included."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

#: Interval of reading a file, which sends no event when it grows.
POLL_SECONDS = 0.002

#: Far longer than anything here takes. A test that waits so long has failed.
TEST_TIMEOUT_SECONDS = 10.0

LINE = re.compile(r"session=(?P<id>\S+) (?P<pairs>state=.*?)(?: detail=(?P<detail>.*))?\n")

#: Fields that a line leaves out if they have no value.
ABSENT = {"pid": None, "exit": None, "signal": None, "retryIn": None}


class Log:
    """The lines of supervisord's log that are about a connector, as they come."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._lines: list[dict[str, Any]] = []

    async def next(self, **wanted: Any) -> dict[str, Any]:
        """The next line with these values; lines before it are skipped."""
        async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
            while True:
                for line in self._take():
                    if wanted.items() <= line.items():
                        return line
                await asyncio.sleep(POLL_SECONDS)

    def rest(self) -> list[dict[str, Any]]:
        """Lines that were written and not read yet."""
        return list(self._take())

    def _take(self) -> Iterator[dict[str, Any]]:
        self._look()
        while self._lines:
            yield self._lines.pop(0)

    def _look(self) -> None:
        """Reads the complete lines that were added."""
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            file.seek(self._read)
            added, newline, _ = file.read().rpartition(b"\n")
            self._read += len(added) + len(newline)
            self._lines += map(_parsed, LINE.finditer((added + newline).decode()))


def _parsed(line: re.Match[str]) -> dict[str, Any]:
    pairs = (pair.split("=") for pair in line["pairs"].split())
    said = {name: _value(text) for name, text in pairs}
    return {**ABSENT, "id": line["id"], "detail": line["detail"], **said}


def _value(text: str) -> Any:
    """A number or a boolean if the text is one."""
    with suppress(ValueError):
        return json.loads(text.lower())
    return text
