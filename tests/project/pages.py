"""The pages that people read, as tests hold them against the code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"

#: Without the changelog, which also names what does not exist any more.
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted(DOCS.rglob("*.md"))]

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


class Link(NamedTuple):
    """A link to another file of the project, or to a heading."""

    page: Path
    target: Path
    #: Of a heading; empty where the link is to the whole file.
    anchor: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)} -> {self.target.name}#{self.anchor}"


def links(page: Path) -> Iterator[Link]:
    """Every link that stays in the project."""
    for address in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", page.read_text())):
        if not re.match(r"[a-z]+:", address):
            path, _, anchor = address.partition("#")
            yield Link(page, (page.parent / path).resolve() if path else page, anchor)


def anchors(page: Path) -> set[str]:
    """What its headings are called in an address, as GitHub does it."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE):
        plain = re.sub(r"\]\([^)]*\)", "]", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        repeats = sum(re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", other) is not None for other in found)
        found.add(f"{anchor}-{repeats}" if repeats else anchor)
    return found


def code_of(page: Path) -> str:
    """What stands in it as code: blocks and spans, each on lines of its own."""
    text = page.read_text()
    blocks = [re.sub(r"\\\n\s*", " ", block) for block in FENCE.findall(text)]
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", FENCE.sub("", text))])
