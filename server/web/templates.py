"""Pages as files with places for values; what comes into a place is text, and never markup."""

from functools import cache
from html import escape
from importlib.resources import files
from string import Template

FOLDER = files("server") / "web" / "static"

#: Nothing comes from elsewhere, nothing is written into a page but by its own files, and nobody frames it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

#: Of every page. Some addresses have a token in them: they are told to nobody, and kept nowhere.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def page(file: str, **values: str) -> bytes:
    """The page with its values. Raises KeyError where one is missing."""
    return _template(file).substitute({place: escape(value) for place, value in values.items()}).encode()


def sandbox_mark(is_sandbox: bool) -> str:
    """What a page's `data-sandbox` says: whether the simulated WhatsApp runs in the place of the real one."""
    return "yes" if is_sandbox else "no"


@cache
def _template(file: str) -> Template:
    return Template((FOLDER / file).read_text(encoding="utf-8"))
