"""deploy/motte.service, read."""

import re
from collections import defaultdict

from server.cli.serve.launch import ROOT

PATH = ROOT / "deploy" / "motte.service"

#: Where it expects Motte.
INSTALLED = "/opt/motte"


def text() -> str:
    """The unit, for the Motte that is tested."""
    return PATH.read_text().replace(INSTALLED, str(ROOT))


def directives() -> dict[str, list[str]]:
    """What it says, by name; what is said twice is there twice."""
    said = defaultdict(list)
    for name, value in re.findall(r"^([A-Za-z]+)=(.*)$", text(), re.MULTILINE):
        said[name].append(value)
    return dict(said)


def one(name: str) -> str:
    """What it says once."""
    [value] = directives()[name]
    return value
