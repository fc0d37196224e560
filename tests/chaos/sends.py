"""Texts that are sent through kill -9 of everything: `python -m tests.chaos.sends --sends 2000 --kills 60`.

Every text is shown once, under one id and in order, by each phone, each linked device of a contact and each
member of a group; webhooks and readers get every event. Exit code 0: so it was.
"""

import asyncio
import sys
from random import Random
from time import monotonic
from traceback import format_exc
from typing import NamedTuple

import click

from tests.chaos.callers import Caller, Pace
from tests.chaos.chaos import a_free_port
from tests.chaos.contacts import Contact
from tests.chaos.frames import Frames
from tests.chaos.judgement import judge
from tests.chaos.listeners import EventReader, listening
from tests.chaos.nodes import MORTAL, WITHOUT_SEALING, ChangedNode, changed_node
from tests.chaos.parties import ACCOUNT, MIRROR, MIRRORED, SHOP, Parties
from tests.chaos.scene import Scene, opened
from tests.soak.stage import recovers, staged
from tests.soak.tally import Tally
from tests.support.motte import Motte

#: Seconds after which it hangs: for all, for each kill, and for each text.
FOR_ALL = 300.0
FOR_EACH_KILL = 8.0
FOR_EACH_TEXT = 0.5

#: Acknowledgements of messages that WhatsApp never sends.
LOST_ACKS = 0.05

#: Seconds at most between two kills, beside those in which the front comes back.
PAUSE = 1.5

SETTINGS = {
    "MOTTE_SEND_RATE": "0",
    "MOTTE_NEW_CHAT_RATE": "0",
    "MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1",
}


class Plan(NamedTuple):
    """How much of everything."""

    #: Texts, to all chats together.
    sends: int
    kills: int
    #: The last one is a group.
    chats: int
    #: Of the group, the account included.
    members: int
    seed: int
    #: Of the kills that hit connectors, those that come right after a message has left.
    at_messages: float = 0.0
    #: Whether keys are on the disk before a message leaves. Without that, kills at messages lose texts.
    has_sealing: bool = True


@click.command()
@click.option("--sends", type=int, default=2000, show_default=True)
@click.option("--kills", type=int, default=60, show_default=True)
@click.option("--chats", type=int, default=20, show_default=True, help="one of them is a group")
@click.option("--members", type=int, default=20, show_default=True, help="of the group")
@click.option("--seed", type=int, default=7, show_default=True, help="of all that is left to chance")
@click.option(
    "--at-messages",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="of the kills of connectors, those that come right after a message has left",
)
@click.option(
    "--without-sealing", is_flag=True, help="keys are saved after a message has left: texts get lost"
)
def sends(
    sends: int,
    kills: int,
    chats: int,
    members: int,
    seed: int,
    *,
    at_messages: float,
    without_sealing: bool,
) -> None:
    """Kill whatever runs while texts are sent, and look for whatever goes wrong."""
    click.echo(f"seed {seed}")
    tally = Tally()
    plan = Plan(
        sends=sends,
        kills=kills,
        chats=chats,
        members=members,
        seed=seed,
        at_messages=at_messages,
        has_sealing=not without_sealing,
    )
    asyncio.run(run(tally, plan))
    click.echo(tally.told())
    click.echo("clean" if tally.is_clean else "NOT CLEAN")
    sys.exit(not tally.is_clean)


async def run(tally: Tally, plan: Plan) -> None:
    """All of it; what was found is in the tally."""
    begun = monotonic()
    modules = [MORTAL] * (plan.at_messages > 0) + [WITHOUT_SEALING] * (not plan.has_sealing)
    with changed_node(*modules) as node:
        await _staged(tally, plan, node)
    tally.count("all", "seconds", round(monotonic() - begun))


async def _staged(tally: Tally, plan: Plan, node: ChangedNode) -> None:
    address = f"127.0.0.1:{a_free_port()}"
    limit = FOR_ALL + FOR_EACH_KILL * plan.kills + FOR_EACH_TEXT * plan.sends
    async with staged(tally, MOTTE_LISTEN=address, **SETTINGS, **node.settings) as motte:
        try:
            async with asyncio.timeout(limit):
                await _play(motte, tally, plan, Frames(SHOP, plan.at_messages, node.dies_after))
        except TimeoutError:
            tally.find("does not end", format_exc())


async def _play(motte: Motte, tally: Tally, plan: Plan, frames: Frames) -> None:
    random = Random(f"{plan.seed} sends")  # noqa: S311  # no secrets
    async with opened(motte, tally, seed=plan.seed) as scene, listening() as listeners:
        for url in [*(listener.url for listener in listeners), f"http://127.0.0.1:{a_free_port()}"]:
            await _register(scene.motte, url)
        parties = await Parties.meet(scene, chats=plan.chats, members=plan.members)
        reader = EventReader(scene.motte, random=random)
        callers = [
            Caller(scene, SHOP, chat, random=Random(f"{plan.seed} {chat}"))  # noqa: S311
            for chat in parties.chats
        ]
        contacts = parties.contacts(scene, seed=str(plan.seed))
        await _send(scene, plan, callers, contacts, reader, random, frames)
        await _settle(scene)
        await judge(scene, parties, callers=callers, contacts=contacts, listeners=listeners, reader=reader)


async def _register(motte: Motte, url: str) -> None:
    """Make a webhook for all events of all sessions. At the last address, nobody is."""
    answer = await motte.ask("POST", "/webhooks", json={"url": url})
    assert answer.status == 201, answer.body


async def _send(
    scene: Scene,
    plan: Plan,
    callers: list[Caller],
    contacts: list[Contact],
    reader: EventReader,
    random: Random,
    frames: Frames,
) -> None:
    """All texts are sent while whatever runs is killed. The kills are spread over the texts."""
    over, pace = asyncio.Event(), Pace(plan.kills)

    async def let_go() -> None:
        await _lose_acks(scene, random)
        await pace.step()

    await _lose_acks(scene, random)
    async with asyncio.TaskGroup() as tasks:
        sending = [tasks.create_task(caller.send(plan.sends // plan.chats, pace)) for caller in callers]
        for contact in contacts:
            tasks.create_task(contact.write(over))
        tasks.create_task(reader.follow(over))
        await scene.reaper.run(
            plan.kills,
            pause=PAUSE,
            phones=[ACCOUNT, MIRRORED],
            let_go=let_go,
            frames=frames if frames.share else None,
        )
        await asyncio.wait(sending)
        over.set()


async def _lose_acks(scene: Scene, random: Random) -> None:
    """WhatsApp loses some acknowledgements, with the connection or without it."""
    await scene.phones.misbehave(dropAck={"share": LOST_ACKS, "cut": random.random() < 0.5})


async def _settle(scene: Scene) -> None:
    """Nobody is killed any more, and WhatsApp is well again."""
    begun = monotonic()
    await scene.phones.misbehave()
    await scene.absence.over()
    await scene.motte.ready()
    await asyncio.gather(*(recovers(scene.motte, scene.tally, each) for each in (SHOP, MIRROR)))
    scene.tally.count("settled", "seconds", round(monotonic() - begun))


if __name__ == "__main__":
    sends()
