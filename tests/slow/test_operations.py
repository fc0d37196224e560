"""The commands of docs/how-to/operations.md work, and what it says about the state folder is true."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.cli.sandbox.gateway import processes_of
from server.cli.serve.launch import ROOT
from server.core.addresses import Address
from server.core.settings.model import LISTEN, SANDBOX_LISTEN
from tests.support.newcomer import Newcomer, elsewhere, free_ports, printed_blocks

PAGE = (ROOT / "docs" / "how-to" / "operations.md").read_text()

#: Made when they are first needed, which they are not here. A `…` alone ends a name that is random.
LATER = {"link.key", "restore.…", "trash", "trash/<id>.<time>", "deliverer", "deliverer/lock"}

#: Seconds for all of it.
WITHIN = 300

#: The second front of an upgrade.
SECOND = Address("127.0.0.1", 8092)

#: What the page takes for granted: a Motte that runs, and one session that is paired.
BEFORE = """
export PATH="$PWD/.venv/bin:$PATH" MOTTE_STATE="$PWD/.state"
motte serve --sandbox &
curl --silent --retry 30 --retry-delay 1 --retry-connrefused http://127.0.0.1:8090/readyz
motte sessions create shop
motte sandbox scan shop
until motte sessions list --status connected | grep shop; do sleep 0.2; done
"""

#: Every path of the state folder with its mode, before it is stopped.
FILES = """
find "$MOTTE_STATE" -mindepth 1 -printf '%P %m\\n'
"""


@pytest.fixture
def operator() -> Iterator[Newcomer]:
    with tempfile.TemporaryDirectory(prefix="motte-") as place:
        yield Newcomer(Path(place))


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2]
    rows = re.search(r"^\|.*\n\|[-|]*\n((?:\|.*\n)*)", section, re.MULTILINE)
    assert rows is not None
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1].splitlines()]


def documented_modes() -> dict[str, str]:
    """By path; `<id>` stands for a session, `…` for what comes before."""
    modes = {}
    for names, given, *_ in table("The state folder"):
        whole = ""
        mode, *others = given.split(", ")
        for name in re.findall(r"`([^`]+)`", names):
            whole = name if not name.startswith("…") else whole
            modes[re.sub("^…", whole, name)] = mode
            mode = others.pop(0) if others else mode
    return modes


def test_what_an_operator_types_works_and_the_state_folder_is_as_it_says(operator: Newcomer) -> None:
    ports = free_ports(LISTEN.address, SANDBOX_LISTEN, SECOND)
    typed = printed_blocks(PAGE)
    stop = next(block for block in typed if "ctl shutdown" in block)
    blocks = [BEFORE, *(block for block in typed if block != stop), FILES, stop]
    printed = operator.follow([elsewhere(block, ports) for block in blocks], within=WITHIN)

    def told(part: str) -> str:
        return printed[next(number for number, block in enumerate(blocks) if part in block)]

    assert {"front", "sandbox", "connector:shop"} <= set(told("ctl status  ").split())
    assert "level=INFO" in told('front.log"\ngrep')
    assert "ready" in told("motte front --listen")
    assert "Restored" in told("ctl shutdown") or "restored" in told("ctl shutdown")
    assert "\n".join(unlike_the_page(told("find "))) == ""
    assert processes_of(operator.folder) == []


def unlike_the_page(found: str) -> list[str]:
    """Lines of `find` that the table of files does not have, and rows of it that nothing was found for."""
    documented = documented_modes()
    seen = set()
    strange = []
    for line in found.splitlines():
        path, mode = line.rsplit(" ", 1)
        name = re.sub(r"^sessions/[^/]+", "sessions/<id>", path)
        name = re.sub(r"^spares/[^/]+(/warm)?$", r"spares/_spare-<n>\1", name)
        name = re.sub(r"^spares/[^/]+/(?!warm)", "sessions/<id>/", name)  # it becomes the folder of one
        if name.partition("/")[0] in ("logs", "cache") and "/" in name:
            continue
        seen.add(name)
        if documented.get(name) != mode:
            strange.append(line)
    return strange + sorted(documented.keys() - seen - LATER)
