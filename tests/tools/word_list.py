"""Searches prose for words that this project avoids; part of `make check`.

Prose is: pages, comments, docstrings, the text of HTML and of configuration files, and the sentences that the
program prints (help, errors, logs). Identifiers and code are not prose. Exceptions, each with its reason, are
in word_list.toml next to this file.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.tools.prose import is_read, prose

ROOT = Path(__file__).parents[2]
EXCEPTIONS = Path(__file__).with_suffix(".toml")

#: Each word as the list names it: its inflections, and what to write instead.
WORDS = {
    "anew": ("anew", "again"),
    "whoever": ("who(?:m)?ever", "any client, anyone with …"),
    "shall": ("shall", "must, will"),
    "thereby": ("thereby", "a sentence of its own"),
    "nobody but": ("nobody but", "only"),
    "is none": ("(?:is|are|was|were) none", "does not exist, None without one"),
    "told of": ("(?:tell|tells|telling|told) of", "reported"),
    "told that": ("(?:tell|tells|telling|told) that", "informed, notified"),
    "bury": ("bur(?:y|ies|ied|ying)", "mark as closed, remove"),
    "bark": ("bark(?:s|ed|ing)?", "call, report"),
    "errand": ("errands?", "request, job"),
    "desk": ("desks?", "session service"),
    "porter": ("porters?", "worker"),
    "farewell": ("farewells?", "logout"),
    "ration": ("ration(?:s|ed|ing)?", "limit"),
    "hang up": ("(?:hang|hangs|hanging|hung)(?: |-)up", "close, disconnect"),
    "for want of": ("for want of", "because … is missing"),
    "who is": ("who(?: is|'s)", "the client that is …"),
}

#: Between the words of one entry: spaces, or the end of a line with the marks of a comment or quotation.
GAP = r"[\s#*/;>]+"


def _pattern(words: str) -> re.Pattern[str]:
    """Whole words: not a part of an identifier, a path or an option, and not a call."""
    return re.compile(r"(?<![\w/.$-])(?:" + words.replace(" ", GAP) + r")(?![\w(-]|\.\w)", re.IGNORECASE)


PATTERNS = {word: _pattern(inflections) for word, (inflections, _) in WORDS.items()}


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One word of the list in one place."""

    path: str
    line: int
    word: str
    #: The words as they stand there.
    text: str

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: "{self.text}"; write: {WORDS[self.word][1]}'


@dataclass(frozen=True, kw_only=True)
class Exceptions:
    """What word_list.toml allows."""

    #: Paths, or beginnings of paths, whose hits are counted but do not fail.
    not_yet_clean: tuple[str, ...]
    #: Path and word, with the reason.
    allowed: dict[tuple[str, str], str]

    @classmethod
    def parse(cls, text: str) -> "Exceptions":
        """Raises KeyError if an exception lacks its file, word or reason."""
        content = tomllib.loads(text)
        return cls(
            not_yet_clean=tuple(content.get("not_yet_clean", [])),
            allowed={
                (entry["file"], entry["word"]): entry["reason"] for entry in content.get("exception", [])
            },
        )


def hits(path: str, text: str) -> Iterator[Hit]:
    """Every hit in a file's text. The path, relative to the repository, decides how the text is read."""
    for first_line, piece in prose(Path(path), text):
        readable = re.sub(r"`[^`\n]*`", lambda code: "`" * len(code[0]), piece)
        for word, pattern in PATTERNS.items():
            for found in pattern.finditer(readable):
                line = first_line + readable.count("\n", 0, found.start())
                yield Hit(path=path, line=line, word=word, text=" ".join(found[0].split()))


def report(root: Path, exceptions: Exceptions) -> tuple[list[str], bool]:
    """The lines to print, the number of hits last; and whether the check passes."""
    every = [
        hit
        for path in is_read(root)
        for hit in hits(str(path.relative_to(root)), path.read_text(encoding="utf-8"))
    ]
    found = [hit for hit in every if (hit.path, hit.word) not in exceptions.allowed]
    failing = [hit for hit in found if not hit.path.startswith(exceptions.not_yet_clean)]
    lines = [str(hit) for hit in failing]
    for beginning in exceptions.not_yet_clean:
        count = sum(hit.path.startswith(beginning) for hit in found)
        lines.append(
            f"{beginning}: {count} hits" if count else f"{beginning} is clean: remove it from word_list.toml"
        )
    unused = sorted(set(exceptions.allowed) - {(hit.path, hit.word) for hit in every})
    lines += [f'The exception for "{word}" in {path} is not needed.' for path, word in unused]
    lines.append(f"Word list: {len(found)} hits, {len(exceptions.allowed)} exceptions.")
    return lines, not failing and not unused


if __name__ == "__main__":
    lines, passes = report(ROOT, Exceptions.parse(EXCEPTIONS.read_text(encoding="utf-8")))
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(not passes)
