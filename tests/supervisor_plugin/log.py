"""What supervisord logs of its connectors: every change of each, starts included."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

#: Seconds between two looks at a file that tells nobody when it grows.
LOOK_AGAIN = 0.002

#: Seconds. Far more than anything here takes; a test that waits so long has failed.
PATIENCE = 10.0

LINE = re.compile(r"session=(?P<id>\S+) (?P<pairs>state=.*?)(?: detail=(?P<detail>.*))?\n")

#: What a line leaves out where there is none.
ABSENT = {"pid": None, "exit": None, "signal": None, "retryIn": None}


class Log:
    """The lines of supervisord's log that are about a connector, as they come."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._lines: list[dict[str, Any]] = []

    async def next(self, **wanted: Any) -> dict[str, Any]:
        """The next line that says so; those before it are passed over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for line in self._take():
                    if wanted.items() <= line.items():
                        return line
                await asyncio.sleep(LOOK_AGAIN)

    def rest(self) -> list[dict[str, Any]]:
        """What has come and was not asked for."""
        return list(self._take())

    def _take(self) -> Iterator[dict[str, Any]]:
        self._look()
        while self._lines:
            yield self._lines.pop(0)

    def _look(self) -> None:
        """Take up the whole lines that were added."""
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
    """A number or a truth, where it is one."""
    with suppress(ValueError):
        return json.loads(text.lower())
    return text
