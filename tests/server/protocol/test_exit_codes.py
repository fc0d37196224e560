"""Exit codes mean the same to the connector, to supervisord's plugin, and in the docs."""

import re
from pathlib import Path

from server.connectors.credentials import SCHEMA
from server.protocol.exit_codes import DONE, HOPELESS, NO_ROOM, RECYCLE, RESTART
from server.protocol.exit_reasons import EXIT_REASONS, STORAGE_UNAVAILABLE

ROOT = Path(__file__).parents[3]

#: The names of connector/process/exit_codes.js.
NAMES = {
    "done": DONE,
    "noRoom": NO_ROOM,
    "restart": RESTART,
    "recycle": RECYCLE,
    "lost": 78,
    "corrupted": 79,
    "tooNew": 80,
    "otherServer": 81,
}


def test_the_connector_ends_with_the_codes_that_the_plugin_reads() -> None:
    text = (ROOT / "connector" / "process" / "exit_codes.js").read_text()
    codes = {name: int(code) for name, code in re.findall(r"^  (\w+): (\d+),? ?(?:$|//)", text, re.MULTILINE)}
    assert {name: codes[name] for name in NAMES} == NAMES
    assert {codes[name] for name in ("lost", "corrupted", "tooNew", "otherServer")} == HOPELESS
    assert set(EXIT_REASONS) == HOPELESS


def test_the_schema_of_the_connectors_is_known() -> None:
    text = (ROOT / "connector" / "storage" / "schema.js").read_text()
    steps = text[text.index("const MIGRATIONS = [") : text.index("const SCHEMA_VERSION")]
    assert len(re.findall(r"^  `", steps, re.MULTILINE)) == SCHEMA


def test_the_protocol_names_every_code_with_its_reason() -> None:
    text = (ROOT / "docs" / "reference" / "protocol.md").read_text()
    for code, reason in {**EXIT_REASONS, NO_ROOM: STORAGE_UNAVAILABLE}.items():
        assert re.search(
            rf"^\| {code} \| .*`{reason.code}`|^\| {code} \| `{reason.code}`", text, re.MULTILINE
        )
