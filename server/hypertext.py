"""Pages as files with places for values; what comes into a place is text, and never markup."""

from functools import cache
from html import escape
from importlib.resources import files
from string import Template

FOLDER = files("server") / "pages"


def page(file: str, **values: str) -> bytes:
    """The page with its values. Raises KeyError where one is missing."""
    return _template(file).substitute({place: escape(value) for place, value in values.items()}).encode()


@cache
def _template(file: str) -> Template:
    return Template((FOLDER / file).read_text(encoding="utf-8"))
