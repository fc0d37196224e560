"""How often a key may ask, whatever it asks."""

from server.config import Settings
from tests.fakes.time import TurnedTime
from tests.http.conftest import opened
from tests.http.test_problems import problem


async def test_a_key_asks_no_oftener_than_the_limit_and_hears_when_it_may_again(
    settings: Settings, time: TurnedTime
) -> None:
    limited = Settings(state=settings.state, rate_limit=0.25)
    async with opened(limited, time) as front:
        assert (await front.get("/sessions")).status == 200
        response = await front.get("/sessions")
        await problem(response, 429, "rate-limited")
        assert response.headers["Retry-After"] == "4"
        assert (await front.get("/healthz")).status == 200
        time.advance(4)
        assert (await front.get("/sessions")).status == 200


async def test_what_a_key_may_not_do_counts_as_asked(settings: Settings, time: TurnedTime) -> None:
    limited = Settings(state=settings.state, rate_limit=2)
    async with opened(limited, time) as front:
        key = await front.key("bot", "sessions:write")
        for _ in range(2):
            await problem(await front.get("/sessions", headers=key), 403, "forbidden")
        await problem(await front.get("/sessions", headers=key), 429, "rate-limited")
        assert (await front.get("/sessions")).status == 200
