"""The log of a session's connector, as the API shows it."""

import pytest

from server.connectors.log_tail import MAX_LINES
from tests.api.conftest import Front
from tests.api.problem_documents import problem

PATH = "/sessions/shop/connector/log"


def write(front: Front, session_id: str, count: int) -> None:
    front.folder.logs.mkdir(exist_ok=True)
    lines = "".join(f"session={session_id} n={number}\n" for number in range(count))
    (front.folder.logs / f"connector-{session_id}.log").write_text(lines)


async def test_the_last_lines_of_this_session_alone_are_shown(front: Front) -> None:
    await front.create()
    write(front, "shop", 101)
    write(front, "other", 1)
    lines = (await (await front.get(PATH)).json())["lines"]
    assert (len(lines), lines[0], lines[-1]) == (100, "session=shop n=1", "session=shop n=100")


async def test_a_session_without_a_log_shows_no_line(front: Front) -> None:
    await front.create()
    assert await (await front.get(PATH)).json() == {"lines": []}
    await problem(await front.get("/sessions/nobody/connector/log"), 404, "session-not-found")


async def test_a_request_names_how_many_lines_up_to_a_limit(front: Front) -> None:
    await front.create()
    write(front, "shop", MAX_LINES + 1)
    assert len((await (await front.get(f"{PATH}?limit={MAX_LINES}")).json())["lines"]) == MAX_LINES
    for limit in ("0", str(MAX_LINES + 1)):
        await problem(await front.get(f"{PATH}?limit={limit}"), 400, "validation-failed")


@pytest.mark.parametrize("scopes", [("sessions:read",), ("sessions:read", "sessions:write")])
async def test_only_an_admin_key_reads_a_log(front: Front, scopes: tuple[str, ...]) -> None:
    await front.create()
    headers = await front.key("bot", *scopes)
    await problem(await front.get(PATH, headers=headers), 403, "forbidden")
