"""Phone numbers, as people write and copy them: `+55 11 91234-5678`."""

import re

from server.domain.texts import MARKS

#: E.164 without its `+`.
MIN_DIGITS, MAX_DIGITS = 7, 15

#: Characters of a number with all that may be between its digits.
MAX_CHARACTERS = 64

#: Read with a colon or a semicolon before it.
IGNORED = "a + before the digits and spaces, hyphens, dots, slashes, brackets and a (0) in it are ignored"
RULE = (
    f"must be a phone number with its country code: {MIN_DIGITS} to {MAX_DIGITS} digits, no 0 at the "
    f"beginning; {IGNORED}"
)
#: For a number as it is dialled.
_DIALLED = "; this one begins with 0: write 49151… instead of 0151… or 0049151…"

#: What may stand between two digits, apart from an opening bracket.
_SEPARATOR = rf"[ \t\u00a0\u2007\u202f./)\-\u2010-\u2015\u2212\u202a-\u202e\u2066-\u2069{MARKS}]"
_BEFORE = rf"(?:{_SEPARATOR}|\()*"
#: `(0)` is dialled only inside the country: `+49 (0)30 …`.
_TRUNK_PREFIX = r"\(0\)"
_BETWEEN = rf"(?:{_SEPARATOR}|{_TRUNK_PREFIX}|\((?!0\)))*"

#: A number within another pattern.
INNER_PATTERN = (
    rf"{_BEFORE}(?:\+{_BEFORE})?[1-9](?:{_BETWEEN}[0-9]){{{MIN_DIGITS - 1},{MAX_DIGITS - 1}}}{_BETWEEN}"
)
#: A number that begins with 0.
_WITH_ZERO = rf"(?:{_SEPARATOR}|[+(])*0(?:[0-9(]|{_SEPARATOR})*"
#: In the syntax that Python and JavaScript share: `(?![\s\S])` is the end of the text.
PATTERN = rf"^{INNER_PATTERN}(?![\s\S])"


def digits_of(text: str) -> str:
    """Returns the digits of a number with its country code. Raises ValueError with the rule."""
    if len(text) > MAX_CHARACTERS or re.match(PATTERN, text) is None:
        raise ValueError(RULE + advice(text))
    return re.sub("[^0-9]", "", re.sub(_TRUNK_PREFIX, "", text))


def advice(refused: str) -> str:
    """Returns the end of the rule for a text that was refused: what to write instead. Often empty."""
    is_dialled = len(refused) <= MAX_CHARACTERS and re.fullmatch(_WITH_ZERO, refused) is not None
    return _DIALLED if is_dialled else ""
