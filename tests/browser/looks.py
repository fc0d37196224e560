"""Sizes and colours in which the pages are looked at."""

import pytest

from tests.browser.screen import DESKTOP, PHONE

#: Two of the four that there are, so that each size and each colour is looked at.
LOOKS = pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)])
EVERY_LOOK = pytest.mark.parametrize(
    ("size", "dark"), [(DESKTOP, False), (DESKTOP, True), (PHONE, False), (PHONE, True)]
)


def look(size: tuple[int, int], dark: bool) -> str:
    """What a picture of it is called after."""
    return f"{size[0]}-{'dark' if dark else 'light'}"
