"""Characters that a person cannot see in a text."""

import re

#: Members of a character class: marks that are invisible and come with a copy from a phone or a web page.
#: Motte removes them. The joiners U+200C and U+200D are not among them: some scripts and emoji need them.
MARKS = r"\u061c\u200b\u200e\u200f\u2060-\u2065\ufeff"

#: Members of a character class: line breaks, controls, and what overrides the direction of all text after it.
CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"

#: Members of a character class: what `str.isspace` calls a space. JavaScript's `\s` is another set.
SPACES = r"\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

#: For /openapi.json, in the syntax that Python and JavaScript share: `(?![\s\S])` is the end of the text.
WITHOUT_NUL_PATTERN = r"^[^\u0000]*(?![\s\S])"
#: Without NUL, and not only spaces.
TEXT_PATTERN = rf"^[{SPACES}]*[^\u0000{SPACES}][^\u0000]*(?![\s\S])"
VCARD_PATTERN = rf"^[{SPACES}]*BEGIN:VCARD[^\u0000]*(?![\s\S])"


def cut(text: str, units: int) -> str:
    """Returns the first so many UTF-16 units of the text, without half a character at its end."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")


def without_marks(text: str) -> str:
    """Returns the text without its invisible marks."""
    return re.sub(f"[{MARKS}]", "", text)
