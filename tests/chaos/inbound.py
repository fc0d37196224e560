"""Texts that arrive through kill -9 of everything: `python -m tests.chaos.inbound --texts 10000 --kills 30`.

Half of them come while whatever runs is killed, half in calm, as fast as WhatsApp takes them. Of four
webhooks one is good, one fails each third time, one takes five seconds and one is away. Each gets every
event, in the order of its session, and the good one gets them at once. Exit code 0: so it was.
"""

import asyncio
import sys
from random import Random
from time import monotonic
from traceback import format_exc
from typing import NamedTuple

import click

from tests.chaos.arrivals import Arrivals
from tests.chaos.callers import Pace
from tests.chaos.chaos import a_free_port
from tests.chaos.contacts import Contact
from tests.chaos.listeners import WebhookListener, listening, served
from tests.chaos.memory import watched
from tests.chaos.scene import Scene, opened
from tests.soak.stage import recovers, staged
from tests.soak.tally import Tally
from tests.support.event_readers import events_after
from tests.support.motte import Motte

#: Seconds after which it hangs: for all, for each kill, and for each text.
FOR_ALL = 300.0
FOR_EACH_KILL = 8.0
FOR_EACH_TEXT = 0.1

#: Seconds at most between two kills, beside those in which the front comes back.
PAUSE = 1.5

SETTINGS = {"MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1"}


class Plan(NamedTuple):
    """How much of everything."""

    #: Of all contacts together.
    texts: int
    kills: int
    sessions: int
    seed: int


@click.command()
@click.option("--texts", type=int, default=10_000, show_default=True)
@click.option("--kills", type=int, default=30, show_default=True)
@click.option("--sessions", type=int, default=4, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="of all that is left to chance")
def inbound(texts: int, kills: int, sessions: int, seed: int) -> None:
    """Kill whatever runs while texts arrive, and look for whatever goes wrong."""
    click.echo(f"seed {seed}")
    tally = Tally()
    asyncio.run(run(tally, Plan(texts=texts, kills=kills, sessions=sessions, seed=seed)))
    click.echo(tally.told())
    click.echo("clean" if tally.is_clean else "NOT CLEAN")
    sys.exit(not tally.is_clean)


async def run(tally: Tally, plan: Plan) -> None:
    """All of it; what was found is in the tally."""
    begun = monotonic()
    address = f"127.0.0.1:{a_free_port()}"
    limit = FOR_ALL + FOR_EACH_KILL * plan.kills + FOR_EACH_TEXT * plan.texts
    async with staged(tally, MOTTE_LISTEN=address, **SETTINGS) as motte:
        try:
            async with asyncio.timeout(limit):
                await _play(motte, tally, plan)
        except TimeoutError:
            tally.find("does not end", format_exc())
    tally.count("all", "seconds", round(monotonic() - begun))


async def _play(motte: Motte, tally: Tally, plan: Plan) -> None:
    away = WebhookListener("the webhook that was away")
    away.url = f"http://127.0.0.1:{a_free_port()}/events"
    async with opened(motte, tally, seed=plan.seed) as scene, listening() as listeners:
        _, beginning = await events_after(scene.motte)
        webhooks = {one.name: await _register(scene.motte, one.url) for one in (*listeners, away)}
        contacts = [await _meet(scene, plan.seed, number) for number in range(plan.sessions)]
        arrivals = Arrivals(scene, contacts)
        await _kill_while_texts_come(scene, plan, contacts)
        await _settle(scene, contacts)
        async with watched(scene):
            await asyncio.gather(*(_write(one, plan.texts // 2 // plan.sessions) for one in contacts))
            await arrivals.reached(listeners.good)
        log = await arrivals.log()
        arrivals.check_behind(log, listeners.failing, listeners.slow, away)
        for listener in (listeners.failing, listeners.slow):
            listener.heal()
        async with served(away, int(away.url.split(":")[2].partition("/")[0])):
            answer = await scene.motte.ask(
                "POST", f"/webhooks/{webhooks[away.name]}/replay", json={"after": beginning}
            )
            assert answer.status == 202, answer.body
            await asyncio.gather(*(arrivals.reached(one) for one in (*listeners, away)))
        await arrivals.judge(*listeners, away)
        arrivals.measure(listeners.good)


async def _register(motte: Motte, url: str) -> str:
    """Make a webhook for all events of all sessions; its id."""
    answer = await motte.ask("POST", "/webhooks", json={"url": url})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


async def _meet(scene: Scene, seed: int, number: int) -> Contact:
    """Pair a session; somebody who writes to it."""
    session_id, phone = f"shop{number}", f"1555100000{number}"
    session = await scene.motte.create(session_id)
    scene.confidences.keep_code(session["qrCode"])
    await scene.phones.scan(session["qrCode"], phone)
    await scene.motte.until("connected", session_id)
    random = Random(f"{seed} {number}")  # noqa: S311  # no secrets
    return Contact(scene, f"49151{number:08}", session_id=session_id, phone=phone, random=random)


async def _kill_while_texts_come(scene: Scene, plan: Plan, contacts: list[Contact]) -> None:
    """The kills are spread over half of the texts."""
    pace = Pace(plan.kills)
    async with asyncio.TaskGroup() as tasks:
        for contact in contacts:
            tasks.create_task(_write(contact, plan.texts // 2 // plan.sessions, pace))
        await scene.reaper.run(
            plan.kills,
            pause=PAUSE,
            phones=[one.phone for one in contacts],
            let_go=pace.step,
            has_webhooks=True,
        )


async def _write(contact: Contact, number: int, pace: Pace | None = None) -> None:
    for index in range(number):
        if pace is not None:
            await pace.wait(index, of=number)
        await contact.say()


async def _settle(scene: Scene, contacts: list[Contact]) -> None:
    """Nobody is killed any more."""
    await scene.absence.over()
    await scene.motte.ready()
    await asyncio.gather(*(recovers(scene.motte, scene.tally, one.session_id) for one in contacts))


if __name__ == "__main__":
    inbound()
