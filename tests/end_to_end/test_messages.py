"""Messages on the real parts: each is kept once and in order, whatever is killed."""

import asyncio
from contextlib import suppress

import aiohttp

from tests.end_to_end.kills import kill_connector, kill_front
from tests.support.chance import seeded
from tests.support.event_readers import events_after, texts_by_polling, texts_of_a_stream
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, CY, Phones

COUNT = 100

KILLS = 6


async def texts(motte: Motte) -> list[str]:
    return [message["text"] for message in await motte.messages()]


async def held(motte: Motte, last: str) -> bool:
    """Whether this is the last message that is kept; no, where the front is just being started."""
    with suppress(aiohttp.ClientError):
        return last in (await texts(motte))[-1:]
    return False


async def test_a_message_is_told_as_it_was_written(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    await phones.write("Grüße, shop 👋")
    await eventually(lambda: held(motte, "Grüße, shop 👋"))
    [message] = await motte.messages()
    assert message["chat"] == message["sender"] == "4915112345678@s.whatsapp.net"
    assert (message["fromMe"], message["pushName"], message["kind"]) == (False, "Bo", "text")
    assert "Grüße" not in motte.serve.logs()


async def test_what_a_person_does_is_told_with_its_target_and_its_event(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    _, before = await events_after(motte)
    await phones.do(id="A", text="Open today?")
    await phones.do(id="B", reaction={"id": "A", "emoji": "👍"})
    await phones.do(id="C", edit={"id": "A", "text": "Open tomorrow?", "isInEnvelope": True})
    await phones.do(id="D", poll={"name": "When?", "options": ["Today", "Never"]})
    await phones.do(id="E", pollVote={"id": "D", "options": ["Never"]})
    await phones.do(id="F", revoke={"id": "A"})
    await phones.call("CALL")
    await phones.do(id="G", content={"imageMessage": {"caption": "Look", "mimetype": "image/png"}})
    await eventually(lambda: held(motte, "Look"))

    said = {message["id"]: message for message in await motte.messages()}
    assert {name: (message["kind"], message["text"]) for name, message in said.items()} == {
        "A": ("text", "Open today?"),
        "B": ("reaction", "👍"),
        "C": ("edit", "Open tomorrow?"),
        "D": ("poll", "When?"),
        "E": ("poll_vote", "Never"),
        "F": ("revoke", None),
        "G": ("image", "Look"),
    }
    chat = f"{BO}@s.whatsapp.net"
    assert [said[name]["target"] for name in "BCF"] == [{"id": "A", "chat": chat, "sender": chat}] * 3
    assert said["E"]["target"]["id"] == "D"
    assert said["G"]["media"]["mimetype"] == "image/png"

    events, _ = await events_after(motte, before)
    kinds = [event["type"] for event in events if event["type"].startswith("message.")]
    assert kinds == [
        "message.received",
        "message.reaction",
        "message.edited",
        "message.received",
        "message.received",
        "message.revoked",
        "message.received",
    ]
    [call] = [event["data"] for event in events if event["type"] == "call.received"]
    assert (call["id"], call["from"], call["number"]) == ("CALL", chat, BO)


async def test_messages_of_two_members_with_one_id_are_two_messages(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    _, before = await events_after(motte)
    group = await phones.make_group(ANN, BO, CY)
    for phone in (BO, CY):
        await phones.write_to_group(group, f"of {phone}", phone=phone, id="SAME")
    await eventually(lambda: held(motte, f"of {CY}"))
    written = [("SAME", f"of {BO}"), ("SAME", f"of {CY}")]
    assert [(one["id"], one["text"]) for one in await motte.messages()] == written
    events, _ = await events_after(motte, before)
    received = [event["data"] for event in events if event["type"] == "message.received"]
    assert [(one["id"], one["text"]) for one in received] == written


async def test_messages_that_come_while_connectors_and_fronts_are_killed_are_kept_once_and_in_order(
    motte: Motte, phones: Phones
) -> None:
    chance = seeded()
    await motte.connect()
    wanted = [f"text {n}" for n in range(COUNT)]
    group = await phones.make_group(ANN, BO, CY, addressing="lid")

    async def write() -> None:
        for text in wanted:
            phone = chance.choice([None, BO, CY])
            await (phones.write_to_group(group, text, phone=phone) if phone else phones.write(text))
            await asyncio.sleep(chance.uniform(0, 0.04))

    _, before = await events_after(motte)
    polled: list[str] = []
    streamed: list[str] = []
    readers = asyncio.gather(
        texts_by_polling(motte, polled, after=before, until="the last one"),
        texts_of_a_stream(motte, streamed, after=before, until="the last one"),
    )
    writing = asyncio.create_task(write())
    for n in range(KILLS):
        await asyncio.sleep(chance.uniform(0, 0.8))
        if n % 2:
            await kill_connector(motte)
        else:
            kill_front(motte)
    await writing
    await motte.ready()
    await phones.write("the last one")
    await eventually(lambda: held(motte, "the last one"), within=60)
    assert await texts(motte) == [*wanted, "the last one"]
    assert (await motte.look())["phoneNumber"] == ANN
    await asyncio.wait_for(readers, 30)
    assert polled == streamed == [*wanted, "the last one"]


async def test_a_message_that_came_while_the_session_rested_is_told_when_it_starts(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    await phones.write("meanwhile")
    await motte.tell("shop", "start")
    await eventually(lambda: held(motte, "meanwhile"))
    assert await texts(motte) == ["meanwhile"]


async def test_a_message_of_a_group_is_told_with_the_number_and_the_lid_of_the_member(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    group = await phones.make_group(ANN, BO, CY, addressing="lid")
    await phones.write_to_group(group, "Hello, all")
    await eventually(lambda: held(motte, "Hello, all"))
    [message] = await motte.messages()
    assert (message["chat"], message["chatLid"]) == (group, None)
    assert message["sender"] == f"{BO}@s.whatsapp.net"
    assert message["senderLid"].endswith("@lid")


async def test_a_message_that_cannot_be_read_is_told_and_gives_way_to_a_copy_that_can(
    motte: Motte, phones: Phones
) -> None:
    """The first six copies cannot be read; then the phone sends one more by itself."""
    await motte.connect()
    await phones.write("unreadable at first", id="ID", isCorrupt=6)
    await eventually(lambda: has_kinds(motte, ["undecryptable"]))
    [stub] = await motte.messages()
    assert (stub["id"], stub["text"], stub["chat"]) == ("ID", None, f"{BO}@s.whatsapp.net")
    cursor = await motte.cursor()
    await phones.write("readable now", id="ID")
    await eventually(lambda: has_kinds(motte, ["text"]))
    [message] = await motte.messages(after=cursor)
    assert (message["id"], message["text"]) == ("ID", "readable now")


async def has_kinds(motte: Motte, kinds: list[str]) -> bool:
    return [message["kind"] for message in await motte.messages()] == kinds
