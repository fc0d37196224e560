"""Finds the prose of a file: what people read, without the code around it."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

#: Folders whose strings people read: help, errors, log texts. Strings elsewhere are the data of tests.
SPEAKING = ("server", "store", "connector", "supervisor_plugin")

#: A string counts as a sentence from this many words on.
SENTENCE_WORDS = 3

#: Not written here, or made by a program.
SKIPPED_FOLDERS = {"node_modules", "build", "bundle", "swagger", "motte.egg-info", "__pycache__"}
SKIPPED_FILES = {"package-lock.json", "word_list.toml"}
HIDDEN_BUT_READ = {".ci", ".github", ".editorconfig", ".gitattributes", ".pre-commit-config.yaml"}

PYTHON, JAVASCRIPT, STYLE = {".py"}, {".js", ".mjs", ".cjs"}, {".css", ".sql"}
WHOLE = {".md", ".html", ".yml", ".yaml", ".toml", ".conf", ".service", ".env"} | {
    ".in",
    ".sh",
    ".json",
    ".jsonc",
}
READ = PYTHON | JAVASCRIPT | STYLE | WHOLE
WHOLE_NAMES = {"Makefile", "Dockerfile", "run", ".editorconfig", ".gitattributes"}

#: Comments and strings of JavaScript. Comments on consecutive lines are one piece.
JAVASCRIPT_PIECES = r"""
    (?: (?<![:'"`\\]) //[^\n]* (?: \n\s*(?=//) )? )+ | /\*.*?\*/
    | '(?: \\. | [^'\\\n] )*' | "(?: \\. | [^"\\\n] )*" | `(?: \\. | [^`\\] )*`
"""


def is_read(root: Path) -> Iterator[Path]:
    """Every file with prose under a folder, in order."""
    for path in sorted(root.iterdir()):
        if path.name.startswith(".") and path.name not in HIDDEN_BUT_READ:
            continue
        if path.is_dir():
            yield from is_read(path) if path.name not in SKIPPED_FOLDERS else ()
        elif path.name not in SKIPPED_FILES and (path.suffix in READ or path.name in WHOLE_NAMES):
            yield path


def prose(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """The pieces of prose of a file, each with its first line's number. The path begins at the repository."""
    speaks = path.parts[0] in SPEAKING
    if path.suffix in PYTHON:
        yield from _python_comments(text)
        yield from _python_strings(text, sentences=speaks)
    elif path.suffix in JAVASCRIPT:
        for line, piece in _pieces(JAVASCRIPT_PIECES, text):
            if piece.startswith("/") or (speaks and _is_sentence(piece)):
                yield line, piece.strip("`")
    elif path.suffix in STYLE:
        yield from _pieces(r"/\* .*? \*/ | (?: ^\s*--[^\n]*\n? )+", text)
    elif path.suffix == ".md":
        yield 1, re.sub(r"^```.*?^```", _comments_alone, text, flags=re.DOTALL | re.MULTILINE)
    else:
        yield 1, text


def _python_comments(text: str) -> Iterator[tuple[int, str]]:
    """Comments. Those on consecutive lines are one piece."""
    pieces = dict[int, str]()
    first = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            follows = first and token.start[0] == first + pieces[first].count("\n") + 1
            first = first if follows else token.start[0]
            pieces[first] = f"{pieces[first]}\n{token.string}" if follows else token.string
    yield from pieces.items()


def _python_strings(text: str, *, sentences: bool) -> Iterator[tuple[int, str]]:
    """Docstrings; other sentences if asked for. A gap of an f-string is `{}`."""
    nodes = list(ast.walk(ast.parse(text)))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            string = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            string = node.value
        else:
            continue
        if id(node) in docstrings or (sentences and _is_sentence(string)):
            yield node.lineno, string


def _comments_alone(block: re.Match[str]) -> str:
    """A block of code of a page without its code, with as many lines."""
    return re.sub(r"^(?!.*(?:#|//) ).*$|^.*?(?=(?:#|//) )", "", block[0], flags=re.MULTILINE)


def _pieces(pattern: str, text: str) -> Iterator[tuple[int, str]]:
    for found in re.finditer(pattern, text, re.DOTALL | re.MULTILINE | re.VERBOSE):
        yield text.count("\n", 0, found.start()) + 1, found[0]


def _is_sentence(string: str) -> bool:
    return len(string.split()) >= SENTENCE_WORDS
