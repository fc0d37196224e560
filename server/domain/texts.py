"""Characters that a person cannot see in a text."""

import re

#: Members of a character class: marks that are invisible and come with a copy from a phone or a web page.
#: Motte removes them. The joiners U+200C and U+200D are not among them: some scripts and emoji need them.
MARKS = r"\u061c\u200b\u200e\u200f\u2060-\u2065\ufeff"

#: Members of a character class: line breaks, controls, and what overrides the direction of all text after it.
CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"


def without_marks(text: str) -> str:
    """Returns the text without its invisible marks."""
    return re.sub(f"[{MARKS}]", "", text)
