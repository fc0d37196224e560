"""The word list finds words in prose, and in prose alone."""

from pathlib import Path

import pytest

from tests.tools.word_list import WORDS, Exceptions, hits, report

NOTHING = Exceptions(not_yet_clean=(), allowed={})


def words(path: str, text: str) -> list[tuple[int, str]]:
    return sorted((hit.line, hit.word) for hit in hits(path, text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/page.md", "It begins anew."),
        ("docs/page.md", "```sh\nmake  # begins anew\n```\n"),
        ("server/a.py", "x = 1  # begins anew\n"),
        ("server/a.py", '"""Begins anew."""\n'),
        ("server/a.py", 'def f():\n    """Begins\n    anew."""\n'),
        ("server/a.py", 'x = "It begins anew"\n'),
        ("server/a.py", 'x = f"{it} begins anew {now}"\n'),
        ("tests/a.py", '"""Begins anew."""\n'),
        ("connector/a.js", "const x = 1 // begins anew\n"),
        ("connector/a.js", "/** Begins anew. */\n"),
        ("connector/a.js", "throw new Error(`it begins ${x} anew`)\n"),
        ("server/web/static/a.html", "<p>It begins anew</p>"),
        ("server/web/static/a.css", "a { } /* begins anew */"),
        ("store/sqlite/migrations/1.sql", "-- begins anew\nSELECT 1;\n"),
        ("deploy/alerts.yml", "summary: It begins anew\n"),
        ("deploy/a.service", "# begins anew\n"),
        ("supervisord.conf", "; begins anew\n"),
        ("Makefile", "# begins anew\n"),
    ],
)
def test_prose_is_searched(path: str, text: str) -> None:
    assert [word for _, word in words(path, text)] == ["anew"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/page.md", "The file `desk.py` and server/cluster/session_service.py.\n"),
        ("docs/page.md", "```python\nif value is None: desk = 1\n```\n"),
        ("server/a.py", "desk = errand.desk(shall)\nif desk is None: bury(desk)\n"),
        ("server/a.py", 'x = {"desk": "is none"}\n'),
        ("server/a.py", "# calls bury() and `desk.errand`\n"),
        ("tests/a.py", 'message = "It begins anew today"\n'),
        ("connector/a.js", "const desk = 'anew' // the desktop\n"),
        ("server/web/static/a.css", ".desk { color: red }"),
        ("store/sqlite/migrations/1.sql", "SELECT errand FROM desk;\n"),
        ("connector/package-lock.json.py", "# an operation, a corporation, an embarkment\n"),
    ],
)
def test_code_and_identifiers_are_not(path: str, text: str) -> None:
    assert words(path, text) == []


@pytest.mark.parametrize(
    ("inflection", "word"),
    [
        ("buried", "bury"),
        ("barks", "bark"),
        ("Errands", "errand"),
        ("rations", "ration"),
        ("hung up", "hang up"),
        ("hang\n# up", "hang up"),
        ("are none", "is none"),
        ("tells of", "told of"),
        ("who's", "who is"),
        ("Whoever", "whoever"),
    ],
)
def test_inflections_count_at_the_end_of_a_line_too(inflection: str, word: str) -> None:
    assert words("server/a.py", f"# it {inflection} here\n") == [(1, word)]


def test_every_word_of_the_list_is_found() -> None:
    for word in WORDS:
        assert (3, word) in words("docs/page.md", f"# Page\n\nIt says {word} there.\n")


def test_a_hit_is_reported_with_its_line_in_a_docstring() -> None:
    assert words("server/a.py", '"""One.\n\nIt begins anew.\n"""\n') == [(3, "anew")]


def test_a_hit_fails_the_check(tmp_path: Path) -> None:
    _write(tmp_path / "docs" / "page.md", "It begins anew.\n")
    lines, passes = report(tmp_path, NOTHING)
    assert not passes
    assert lines == ['docs/page.md:1: "anew"; write: again', "Word list: 1 hits, 0 exceptions."]


def test_a_folder_that_is_not_yet_clean_is_counted_and_does_not_fail(tmp_path: Path) -> None:
    _write(tmp_path / "server" / "a.py", "# begins anew\n")
    lines, passes = report(tmp_path, Exceptions(not_yet_clean=("server/", "store/"), allowed={}))
    assert passes
    assert lines == [
        "server/: 1 hits",
        "store/ is clean: remove it from word_list.toml",
        "Word list: 1 hits, 0 exceptions.",
    ]


def test_an_exception_allows_one_word_in_one_file(tmp_path: Path) -> None:
    _write(tmp_path / "docs" / "page.md", "It begins anew.\n")
    _write(tmp_path / "docs" / "other.md", "It begins anew.\n")
    lines, passes = report(
        tmp_path, Exceptions(not_yet_clean=(), allowed={("docs/page.md", "anew"): "a title"})
    )
    assert not passes
    assert lines == ['docs/other.md:1: "anew"; write: again', "Word list: 1 hits, 1 exceptions."]


def test_an_exception_that_is_not_needed_fails(tmp_path: Path) -> None:
    _write(tmp_path / "docs" / "page.md", "It begins.\n")
    lines, passes = report(
        tmp_path, Exceptions(not_yet_clean=(), allowed={("docs/page.md", "anew"): "a title"})
    )
    assert not passes
    assert 'The exception for "anew" in docs/page.md is not needed.' in lines


def test_an_exception_without_a_reason_is_refused() -> None:
    with pytest.raises(KeyError, match="reason"):
        Exceptions.parse('[[exception]]\nfile = "docs/page.md"\nword = "anew"\n')


def test_packages_of_others_are_not_searched(tmp_path: Path) -> None:
    _write(tmp_path / "connector" / "node_modules" / "a" / "readme.md", "It begins anew.\n")
    _write(tmp_path / ".venv" / "a.py", "# begins anew\n")
    assert report(tmp_path, NOTHING) == (["Word list: 0 hits, 0 exceptions."], True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
