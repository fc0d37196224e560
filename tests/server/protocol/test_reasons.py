"""Reasons mean the same to the connector, to the front and to a reader of the docs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from server.core.errors import MotteError, kinds
from server.outbound import reasons as outbound_reasons
from server.protocol import message_failures
from server.protocol.reasons import TABLE
from server.sessions.cool_downs import ERRORS
from server.web.languages import texts_in
from store.sqlite.restored_outbox import RESTORED
from tests.project import reasons_page

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("table", reasons_page.TABLES, ids=lambda table: table.page)
def test_the_docs_show_the_tables_of_reasons(table: reasons_page.SharedTable) -> None:
    assert table.shown() == table.text(), "run: python -m tests.project.reasons_page"


def test_a_refresh_is_answered_with_errors_that_exist() -> None:
    codes = {kind.code for kind in kinds(MotteError)}
    told = {meaning.refresh.error for meaning in TABLE.values() if meaning.refresh is not None}
    assert told == set(ERRORS)
    assert told <= codes


def test_every_reason_that_the_code_names_is_in_the_table() -> None:
    texts = [path.read_text() for path in (ROOT / "server").glob("**/*.py")]
    named = {code for text in texts for code in re.findall(r'reasons\.reason\("([a-z-]+)"', text)}
    assert named
    assert named <= TABLE.keys()


def test_details_are_the_middle_of_a_sentence_and_docs_fit_a_cell() -> None:
    for code, meaning in TABLE.items():
        assert re.fullmatch(r"[a-z-]+", code)
        assert not meaning.detail.endswith((".", ":")), code
        assert "|" not in meaning.happened + meaning.next, code
        assert meaning.scan_page is None or meaning.scan_page in texts_in("en").view, code
    for code, failure in message_failures.TABLE.items():
        assert re.fullmatch(r"[a-z-]+", code)
        assert not failure.detail.endswith((".", ":")), code
        assert "|" not in failure.happened, code


def test_every_reason_of_a_message_that_the_code_names_is_in_their_table() -> None:
    constants = [value for name, value in vars(outbound_reasons).items() if name.lstrip("_").isupper()]
    front = {value for value in constants if isinstance(value, str)}
    typed = re.search(r"@typedef \{(.+)\} FailureCode", (ROOT / "connector/outbound/failures.js").read_text())
    assert typed
    connector = set(re.findall(r"'([a-z-]+)'", typed[1]))
    assert front | connector | {RESTORED.code} == message_failures.TABLE.keys()
    assert message_failures.TABLE[RESTORED.code].detail == RESTORED.detail
    page = (ROOT / "docs/reference/protocol.md").read_text()
    table = page.partition("`message_moved` with the status `failed`")[2].partition("\n\nAn address")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == connector


def test_a_package_without_the_connectors_folder_can_be_imported_and_says_what_is_missing(
    tmp_path: Path,
) -> None:
    for package in ("server", "store"):
        shutil.copytree(ROOT / package, tmp_path / package)
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from server.cli import main; main(['serve'])"
    )
    environment = {"MOTTE_STATE": str(tmp_path / "state"), "PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, env=environment
    )
    assert told.stderr.strip().endswith("is missing: this Motte is not whole, install it again")
