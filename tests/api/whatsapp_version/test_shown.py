"""The version in use, as metrics and the API show it."""

from tests.api.conftest import Front
from tests.api.scrape import samples
from tests.api.whatsapp_version.links import (
    NEW,
    NEWER,
    NEWEST,
    NEWEST_VERSION,
    OLD,
    announce,
    current,
    cut,
    known,
    link,
    refuse,
    settle,
)
from tests.support.site import Site
from tests.support.time import TurnedTime, until


async def test_the_version_in_use_is_measured_and_shown(front: Front, page: Site, time: TurnedTime) -> None:
    await settle(front)
    found = {sample.name: sample for sample in await samples(front)}
    assert found["motte_whatsapp_version"].labels == {"version": OLD, "source": "built-in"}
    assert found["motte_whatsapp_version_age_days"].value == 50
    assert found["motte_whatsapp_version_refused"].value == 0
    shown = (await (await front.get("/connectors")).json())["whatsappVersion"]
    assert shown == {
        "version": OLD,
        "source": "built-in",
        "ageDays": 50,
        "isOld": False,
        "isRefused": False,
    }
    time.clock.step_wall(50 * 86_400)
    shown = (await (await front.get("/connectors")).json())["whatsappVersion"]
    assert (shown["ageDays"], shown["isOld"]) == (100, True)


async def test_an_announced_version_is_as_old_as_its_announcement_and_a_refusal_is_shown(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    await cut(front, "a", tries=NEW)
    await until(lambda: current(front) == NEW)
    time.clock.step_wall(3 * 86_400)
    await known(front, current=NEWER)
    shown = (await (await front.get("/connectors")).json())["whatsappVersion"]
    assert (shown["version"], shown["source"], shown["ageDays"]) == (NEW, "announced", 3)
    await refuse(front, "a", below=NEWEST_VERSION)
    await until(lambda: front.owner.versions.in_use().is_refused)
    assert page.asked > 1
    assert NEWEST > NEWER
