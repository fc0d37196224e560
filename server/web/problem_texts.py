"""What each error means, for people: the page of an error and docs/reference/errors.md show it."""

from pathlib import Path
from typing import Final

import msgspec

_FILE: Final = Path(__file__).with_name("problem_texts.json")


class ProblemText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What one error means. Markdown: code, and links to other pages of the docs."""

    #: When the error comes: a sentence without its beginning and its end.
    when: str
    #: What the caller or the operator does about it, likewise.
    what_to_do: str


#: Code of the error -> its text.
TABLE: Final = msgspec.json.decode(_FILE.read_bytes(), type=dict[str, ProblemText])
