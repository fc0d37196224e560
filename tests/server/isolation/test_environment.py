"""Which variables of the host reach a connector."""

import re
from pathlib import Path

from server.isolation.environment import SETTINGS, VARIABLES, connector_environment

ROOT = Path(__file__).parents[3]


def test_a_connector_sees_each_setting_that_it_reads_and_no_other() -> None:
    read = re.findall(r"MOTTE_[A-Z_]+", (ROOT / "connector" / "settings.js").read_text())
    assert set(read) == set(SETTINGS)


def test_a_variable_that_is_not_listed_is_hidden() -> None:
    secrets = {"AWS_SECRET_ACCESS_KEY": "1", "MOTTE_API_KEY": "2", "HTTPS_PROXY": "3", "NODE_OPTIONS": "4"}
    assert connector_environment({**secrets, "TZ": "UTC"}) == {"TZ": "UTC"}


def test_the_page_of_the_settings_lists_every_variable_that_a_connector_sees() -> None:
    page = (ROOT / "docs" / "reference" / "configuration.md").read_text()
    section = page.partition("## What a connector sees\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", section, re.MULTILINE)) == VARIABLES
