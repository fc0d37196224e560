"""The docs say what the code says."""

import json
import re
import typing
from collections.abc import Iterable
from pathlib import Path

from server.api.routes import ROUTES
from server.core.errors import QrTimeout, kinds
from server.domain.states import Happening
from server.protocol.events.lines import AnyEvent
from tests.project import diagram
from tests.support.sources import connector_modules

DOCS = Path(__file__).parents[2] / "docs"
LOGS = (DOCS / "reference" / "logs.md").read_text()
README = Path(__file__).parents[2] / "README.md"

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

#: Pages that also name routes of other programs.
OF_OTHERS = ("moving.md", "sandbox.md")


def test_the_state_diagram_is_the_one_of_the_table() -> None:
    assert diagram.shown() == diagram.diagram(), "run: python -m tests.project.diagram"


def test_every_error_is_in_the_table_with_its_status_and_no_other_is() -> None:
    shown = re.findall(
        r"^\| (\d{3}) \| `([a-z-]+)` \|", (DOCS / "reference" / "errors.md").read_text(), re.MULTILINE
    )
    raised = {(str(kind.status), kind.code) for kind in kinds()}
    assert set(shown) == raised
    assert len(shown) == len(raised)


def test_the_example_of_an_error_has_the_words_of_its_class() -> None:
    page = (DOCS / "reference" / "errors.md").read_text()
    shown = json.loads(page.partition("```json\n")[2].partition("```")[0])
    error = QrTimeout()
    assert (shown["status"], shown["code"]) == (error.status, error.code)
    assert (shown["title"], shown["detail"]) == (error.title(), error.detail)


def test_every_error_has_one_row_that_says_where_an_operator_looks() -> None:
    text = (DOCS / "how-to" / "troubleshooting.md").read_text().partition("## By error code")[2]
    rows = re.findall(r"^\| (`[a-z`, -]+`) \| .{20,} \|$", text, re.MULTILINE)
    named = [code for row in rows for code in re.findall(r"[a-z-]+", row)]
    assert sorted(named) == sorted(kind.code for kind in kinds())


def test_every_route_is_in_the_readme_or_the_docs_with_its_method_and_no_other_is() -> None:
    pages = [README, *(page for page in DOCS.glob("**/*.md") if page.name not in OF_OTHERS)]
    text = "".join(page.read_text() for page in pages)
    shown = set(re.findall(rf"`({'|'.join(METHODS)}) (/[^`? ]*)", text))
    assert shown == {(route.method, route.path) for route in ROUTES}


def test_every_address_that_needs_no_key_is_named_and_no_other_is() -> None:
    page = (DOCS / "reference" / "routes.md").read_text()
    [line] = re.findall(r"^These need no key: (.+)$", page, re.MULTILINE)
    open_to_all = {route.path for route in ROUTES if route.scope is None}
    below_a_link = {path for path in open_to_all if path.startswith("/scan/{token}/")}
    assert set(re.findall(r"`([^`]+)`", line)) == open_to_all - below_a_link


def test_every_event_of_the_logs_is_in_their_table_and_no_other_is() -> None:
    shown = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (?:info|warning|error) \|", LOGS, re.MULTILINE)
    named = {name for names in shown for name in re.findall(r"\w+", names)}
    python = _logged(DOCS.parent.glob("server/**/*.py"), r'log_event\(\s*log\.\w+,\s*"(\w+)"')
    javascript = _logged(connector_modules(DOCS.parent), r"log\.(?:info|warning|error)\('(\w+)'")
    assert named == python | javascript


def test_the_events_of_the_logs_are_words_in_snake_case() -> None:
    tags = {str(kind.__struct_config__.tag) for kind in typing.get_args(AnyEvent)}
    for name in tags | {str(happening) for happening in Happening}:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)


def test_every_decision_is_in_the_index_with_its_title_a_state_and_a_date() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    rows = re.findall(
        r"^\| (\d+) \| \[(.+)\]\((\d{4}-.+\.md)\) "
        r"\| (?:accepted|proposed|superseded by \d+) \| \d{4}-\d\d-\d\d \|$",
        index,
        re.MULTILINE,
    )
    records = sorted((DOCS / "decisions").glob("0*.md"))[1:]
    assert [f"# {number}. {title}" for number, title, _ in rows] == [
        record.read_text().partition("\n")[0] for record in records
    ]
    assert [name for _, _, name in rows] == [record.name for record in records]
    [said] = re.findall(r"^No record was written under the numbers (.+)\.$", index, re.MULTILINE)
    numbers = {int(number) for number, _, _ in rows}
    assert set(map(int, re.findall(r"\d+", said))) == set(range(1, max(numbers) + 1)) - numbers


def _logged(files: Iterable[Path], pattern: str) -> set[str]:
    return {name for file in files for name in re.findall(pattern, file.read_text())}
