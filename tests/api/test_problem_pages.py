"""The page that the `type` of a problem leads to."""

import re
from html import escape, unescape

import pytest

from server.core.errors import kinds
from server.web.problem_texts import TABLE
from tests.api.conftest import Front
from tests.api.problem_documents import problem


async def test_the_type_of_an_error_is_the_address_of_a_page_that_needs_no_key(front: Front) -> None:
    document = await problem(await front.get("/sessions/nobody"), 404, "session-not-found")
    async with front.stranger() as stranger:
        page = await stranger.get(document["type"])
        text = await page.text()
    assert (page.status, page.content_type) == (200, "text/html")
    assert escape(document["title"]) in text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_every_error_has_a_page_that_says_what_it_means(front: Front) -> None:
    for kind in kinds():
        page = await front.get(f"/problems/{kind.code}")
        text = await page.text()
        assert page.status == 200
        shown = unescape(re.sub("<[^>]+>", "", text))
        for said in (kind.code, str(kind.status), kind.title(), kind.default_detail()):
            assert said.replace("`", "") in shown
        for said in (TABLE[kind.code].when, TABLE[kind.code].what_to_do):
            assert re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", said.replace("`", "")) in shown
        assert re.findall(r"`|<p>\s*</p>|\]\(|\.\.<", text) == [], kind.code


@pytest.mark.parametrize("code", ["nothing", "QR-TIMEOUT", "..%2Fsessions", "<b>"])
async def test_what_is_no_error_has_no_page(front: Front, code: str) -> None:
    await problem(await front.get(f"/problems/{code}"), 404, "not-found")
