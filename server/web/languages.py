"""Texts of the scan page, one file a language in server/web/texts."""

from functools import cache
from pathlib import Path

import msgspec

FOLDER = Path(__file__).with_name("texts")

#: The first one is used if the browser accepts no other.
LANGUAGES = ("en", "es", "pt")


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts of one language, by their names. `{…}` is a place; `**…**` is important."""

    #: Fixed texts of the page.
    page: dict[str, str]
    #: Titles and texts of the states (scan_page.py).
    view: dict[str, str]
    #: Texts that scan.js and scan_number.js fill in.
    script: dict[str, str]
    #: Why there is no pairing code, by the code of the error. `unreachable`: there was no response.
    error: dict[str, str]


@cache
def texts_in(language: str) -> Texts:
    """Returns the texts of one of the LANGUAGES."""
    return msgspec.json.decode((FOLDER / f"{language}.json").read_bytes(), type=Texts)
