"""Fills HTML templates. Values are escaped: they become text, never markup."""

import re
from functools import cache
from html import escape
from pathlib import Path
from string import Template

FOLDER = Path(__file__).with_name("static")

#: A page loads only files of this host, runs only scripts that are files, and cannot be framed.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

#: Headers of every page. Some addresses contain a token: they must not be sent as a referrer, or be cached.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Markup(str):
    """Text that is markup already: it is not escaped."""


def page(file: str, **values: str) -> bytes:
    """Returns the template with its values. Raises KeyError if a value is missing."""
    return fragment(file, **values).encode()


def fragment(file: str, **values: str) -> Markup:
    """Returns the template with its values, as a part of another one. Raises KeyError like `page`."""
    shown = {place: value if isinstance(value, Markup) else escape(value) for place, value in values.items()}
    return Markup(_template(file).substitute(shown))


def emphasized(text: str) -> Markup:
    """Returns the escaped text; `**…**` becomes an element `strong`."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text)))


def formatted(text: str) -> Markup:
    """Returns the escaped text; `` `…` `` becomes an element `code`, and a link `[…](…)` its text in `em`."""
    linked = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"<em>\1</em>", escape(text))
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", linked))


def sandbox_mark(is_sandbox: bool) -> str:
    """Returns the value of `data-sandbox`: whether WhatsApp is simulated."""
    return "yes" if is_sandbox else "no"


@cache
def _template(file: str) -> Template:
    return Template((FOLDER / file).read_text(encoding="utf-8"))
