"""The packages of docs/explanation/architecture.md. `python -m tests.project.module_diagram` writes them."""

import sys

from tests.project.packages import ROOT, arrows, purpose

PAGE = ROOT / "docs" / "explanation" / "architecture.md"
BEGIN = "<!-- Made by `python -m tests.project.module_diagram`. -->\n"
END = "<!-- End of what is made. -->\n"


def block() -> str:
    """The part of the page that is made: a diagram, and a table with every import between packages."""
    return f"```mermaid\n{diagram(arrows())}```\n\n{table(arrows())}"


def diagram(imported: dict[str, set[str]]) -> str:
    """The packages in Mermaid's words, in their order. An import that follows from others has no arrow."""
    lines = ["flowchart TD", *(f"    {package}" for package in imported)]
    for package, others in imported.items():
        lines += [f"    {package} --> {other}" for other in imported if other in _direct(imported, others)]
    return "\n".join(lines) + "\n"


def table(imported: dict[str, set[str]]) -> str:
    """A row for each package, the highest first."""
    rows = ["| package | what it holds | imports |", "|---|---|---|"]
    for package, others in imported.items():
        named = ", ".join(f"`{other}`" for other in imported if other in others) or "nothing of Motte"
        rows.append(f"| `{package}` | {purpose(package)} | {named} |")
    return "\n".join(rows) + "\n"


def shown() -> str:
    """What the page shows."""
    return PAGE.read_text().partition(BEGIN)[2].partition(END)[0]


def write() -> None:
    """Bring the page up to date."""
    before, begin, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + begin + block() + END + rest.partition(END)[2])


def _direct(imported: dict[str, set[str]], others: set[str]) -> set[str]:
    """The packages that are not imported by way of another one."""
    by_way = {further for other in others for further in _reached(imported, other)}
    return others - by_way


def _reached(imported: dict[str, set[str]], package: str) -> set[str]:
    others = imported[package]
    return others | {further for other in others for further in _reached(imported, other)}


if __name__ == "__main__":
    write()
    count = sum(map(len, arrows().values()))
    sys.stdout.write(f"{count} arrows between packages, which {PAGE.relative_to(ROOT)} shows\n")
