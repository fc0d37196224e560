"""The processes behind the sessions, as the API shows them."""

from tests.api.conftest import READ_KEY, Front

ASLEEP = {"state": "asleep", "pid": None, "restarts": 0, "recycled": 0, "uptime": None, "memory": None}
AWAKE = {"state": "running", "pid": 1, "restarts": 0, "recycled": 0, "uptime": 3.0, "memory": 2}


async def test_every_session_has_one_whether_it_is_awake_or_asleep(front: Front) -> None:
    await front.create("awake")
    front.time.advance(1)
    await front.create("asleep")
    await front.ask("stop", "asleep")
    shown = await (await front.get("/connectors")).json()
    assert shown["items"] == [{"id": "awake", **AWAKE}, {"id": "asleep", **ASLEEP}]
    for item in shown["items"]:
        assert await (await front.get(f"/sessions/{item['id']}/connector")).json() == item


async def test_restarts_are_kept_while_a_session_sleeps_and_forgotten_with_it(front: Front) -> None:
    await front.create()
    front.supervisor.restarts["shop"] = 2
    await front.ask("stop")
    slept = await (await front.get("/sessions/shop/connector")).json()
    assert slept == {"id": "shop", **ASLEEP, "restarts": 2}
    assert (await front.client.delete("/sessions/shop")).status == 204
    await front.create()
    assert (await (await front.get("/sessions/shop/connector")).json())["restarts"] == 0


async def test_an_unknown_session_has_none(front: Front) -> None:
    response = await front.get("/sessions/nobody/connector")
    assert (response.status, (await response.json())["code"]) == (404, "session-not-found")


async def test_a_key_that_may_read_sessions_may_see_their_processes(front: Front) -> None:
    headers = {"Authorization": f"Bearer {READ_KEY}"}
    assert (await front.get("/connectors", headers=headers)).status == 200
    async with front.stranger() as stranger:
        assert (await stranger.get("/connectors")).status == 401
