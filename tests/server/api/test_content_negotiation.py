"""Which form a request accepts."""

import pytest

from server.api.content_negotiation import preferred

OFFERED = ["application/json", "image/svg+xml", "image/png", "text/plain"]


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("image/png", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("image/*", "image/svg+xml"),
        ("text/html, text/*;q=0.5", "text/plain"),
        ("image/svg+xml;q=0.1, image/png;q=0.2", "image/png"),
        ("image/*, image/svg+xml;q=0", "image/png"),
        ("*/*;q=0.1, text/plain ; q=0.2", "text/plain"),
        ("text/plain;format=flowed", "text/plain"),
        ("image/png;q=nonsense", "image/png"),
        # What a browser sends for <img>.
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "image/svg+xml"),
        ("text/html", None),
        ("*/*;q=0", None),
        ("application/json;q=0", None),
        ("nonsense", None),
        (",;=/,", None),
    ],
)
def test_what_is_liked_best_is_chosen(header: str, form: str | None) -> None:
    assert preferred([header], OFFERED) == form


def test_without_the_header_the_first_is_chosen() -> None:
    assert preferred([], OFFERED) == "application/json"


def test_the_header_may_come_in_parts() -> None:
    assert preferred(["text/html", "image/png"], OFFERED) == "image/png"
