"""Tables in the docs from files that the code reads.

`python -m tests.project.reasons_page` writes them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from server.core.errors import kinds
from server.protocol import message_failures, reasons
from server.web import problem_texts
from tests.project.pages import DOCS

END = "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class SharedTable:
    """A table of one page, between two comments."""

    page: str
    #: The file from which it is made.
    source: str
    #: Makes it.
    text: Callable[[], str]

    def shown(self) -> str:
        """The table that the page shows."""
        return self._parts()[1]

    def write(self) -> None:
        """Brings the page up to date."""
        before, _, after = self._parts()
        (DOCS / self.page).write_text(before + self.text() + after)

    def _parts(self) -> tuple[str, str, str]:
        """The page before its table, the table, and the rest."""
        begin = f"<!-- from {self.source} -->\n"
        before, _, rest = (DOCS / self.page).read_text().partition(begin)
        table, _, after = rest.partition(END)
        return before + begin, table, END + after


def of_sessions() -> str:
    """Every reason of a session, in the order of its file."""
    lines = [
        "| code | what happened | what is tried next | error of a waiting read | needs a person |",
        "|---|---|---|---|---|",
    ]
    for code, meaning in reasons.TABLE.items():
        # A reason that no read waits through concerns one kind of session only.
        is_for_all = meaning.fails_unpaired or meaning.refresh is None
        person = ("yes" if is_for_all else "if paired") if meaning.needs_person else ""
        told = f"`{meaning.refresh.error}`" if meaning.refresh is not None else ""
        lines.append(f"| `{code}` | {meaning.happened} | {meaning.next} | {told} | {person} |")
    return "\n".join(lines) + "\n"


def of_messages() -> str:
    """Every reason of a message that failed, in the order of its file."""
    lines = ["| `statusReason.code` | why it failed | may the recipient have it? |", "|---|---|---|"]
    for code, meaning in message_failures.TABLE.items():
        lines.append(f"| `{code}` | {meaning.happened} | {'yes' if meaning.may_have_arrived else 'no'} |")
    return "\n".join(lines) + "\n"


def of_errors() -> str:
    """Every error, in the order of its file."""
    statuses = {kind.code: kind.status for kind in kinds()}
    lines = ["| status | code | when | what to do |", "|---|---|---|---|"]
    for code, text in problem_texts.TABLE.items():
        lines.append(f"| {statuses[code]} | `{code}` | {text.when} | {text.what_to_do} |")
    return "\n".join(lines) + "\n"


TABLES = (
    SharedTable("reference/reasons.md", "connector/reasons.json", of_sessions),
    SharedTable("reference/sending.md", "connector/message-failures.json", of_messages),
    SharedTable("reference/errors.md", "server/web/problem_texts.json", of_errors),
)

if __name__ == "__main__":
    for table in TABLES:
        table.write()
