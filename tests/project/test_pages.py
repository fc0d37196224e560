"""What the pages name is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from server.api.routes import ROUTES
from server.auth.login_cookies import COOKIE
from server.cli import main
from server.core.settings.definitions import HANDED_ON, KNOWN, LOCATIONS, OF_COMMANDS
from tests.project.pages import DOCS, FENCE, PAGES, README, ROOT, anchors, code_of, links

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

#: Beginnings of the routes of others: WAHA, Evolution API, gowa, wuzapi, the sandbox.
OTHERS = (
    *("/api/", "/instance/", "/admin/", "/app/", "/chat/", "/devices", "/message/", "/send/", "/session/"),
    *("/user/", "/webhook/", "/call/", "/chats", "/proxy/", "/settings/", "/websocket/", "/ws"),
    *("/control/", "/sw.js"),
)

#: A whole route of wuzapi, with which Motte's own webhooks begin.
OF_WUZAPI = "/webhook"

#: All that Motte says, it says here.
SOURCES = "".join(
    file.read_text()
    for folder, kind in (
        ("server", "*.py"),
        ("store", "*.py"),
        ("connector", "*.js"),
        ("connector", "reasons.json"),
        ("connector", "message-failures.json"),
    )
    for file in (ROOT / folder).rglob(kind)
    if "node_modules" not in file.parts
)

#: What examples take from the environment, beside the settings.
OF_EXAMPLES = {"API_URL"}


@every_page
def test_every_table_has_a_heading(page: Path) -> None:
    lines = [*FENCE.sub("", page.read_text()).split("\n"), ""]
    for before, line, after in zip(["", *lines], lines, lines[1:], strict=False):
        if line.startswith("|") and not before.startswith("|"):
            assert re.fullmatch(r"\|[-|: ]+\|", after), f"no heading above: {line}"


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        assert link.target.exists(), str(link)
        if link.anchor:
            assert link.anchor in anchors(link.target), str(link)


@every_page
def test_every_file_of_the_code_that_is_named_is_there(page: Path) -> None:
    for name in re.findall(
        r"`((?:server|store|connector|tests|deploy|requirements)/[\w./*-]*)`", page.read_text()
    ):
        assert list(ROOT.glob(name.rstrip("/"))), name


def test_every_page_is_reached_from_the_readme() -> None:
    reached, ways = set[Path](), [README]
    while ways:
        page = ways.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            ways += [link.target for link in links(page) if link.target.is_file()]
    assert set(PAGES) <= reached


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_each_sentence_begins_on_a_line_of_its_own(page: Path) -> None:
    for line in FENCE.sub("", page.read_text()).splitlines():
        if not line.startswith("|"):
            assert not re.search(r"[a-z)`*][.!?][*)]* +[*(\[]*[A-Z][a-z]", line), line


@every_page
def test_every_request_is_one_that_there_is(page: Path) -> None:
    for method, path in requests(code_of(page)):
        assert any(_fits(method, path, route.method, route.path) for route in ROUTES), f"{method} {path}"


@every_page
def test_every_setting_is_one_that_there_is(page: Path) -> None:
    known = {setting.name for setting in KNOWN} | {*HANDED_ON, *LOCATIONS, *OF_COMMANDS} | OF_EXAMPLES
    assert set(re.findall(r"\bMOTTE_[A-Z_]+\b", page.read_text())) <= known


@every_page
def test_every_code_is_one_that_is_told(page: Path) -> None:
    for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", page.read_text()):
        assert re.search(rf"[\"']{code}[\"']", SOURCES), code


@every_page
def test_every_metric_is_one_that_is_explained(page: Path) -> None:
    """tests/project/test_alerts.py holds what is explained against what is measured."""
    explained = set(
        re.findall(r"^\| `(motte_[a-z_]+)", (DOCS / "reference" / "metrics.md").read_text(), re.MULTILINE)
    )
    for name in re.findall(r"\bmotte_[a-z][a-z_]+\b(?!…)", page.read_text()):
        assert re.sub(r"_(bucket|count|sum)$", "", name) in explained | {COOKIE}


@every_page
def test_every_command_is_one_that_there_is(page: Path) -> None:
    for words in commands(page):
        command, rest = _found(words)
        known = {name for param in command.params for name in param.opts}
        if not command.ignore_unknown_options:
            assert {word for word in rest if re.match(r"--\w", word)} <= known | {"--help"}, words


def requests(code: str) -> Iterator[tuple[str | None, str]]:
    """Methods, None where it is not said, with paths."""
    for method, path in re.findall(r"^(GET|POST|PUT|DELETE|PATCH|HEAD) (/[^\s?`\"]*)", code, re.MULTILINE):
        if not path.startswith(OTHERS) and path != OF_WUZAPI:
            yield method, path
    for line in code.splitlines():
        found = re.search(r"(?:localhost:8090|127\.0\.0\.1:8090|\$API_URL)(/[^\s?\"'`|]+)", line)
        if found:
            method = re.search(r"-X ([A-Z]+)", line)
            yield method and method[1], found[1]


def commands(page: Path) -> Iterator[list[str]]:
    """The words behind each `motte` that is typed."""
    for line in code_of(page).splitlines():
        for part in re.split(r"&&|\||;|\$\(", line.partition("#")[0]):
            typed = re.match(r"\s*(?:[$#] )?(?:\.venv/bin/|/\S+/)?motte ([a-z-].*)", part)
            if typed:
                yield typed[1].split()


def _found(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words lead to, and what is left of them."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    named = not isinstance(command, click.Group) or not words or not re.match(r"[a-z]", words[0])
    assert named, f"motte … {words}"
    return command, words


def _fits(method: str | None, path: str, of_route: str, pattern: str) -> bool:
    if method not in (None, of_route) and (method, of_route) != ("HEAD", "GET"):
        return False
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path) is not None
