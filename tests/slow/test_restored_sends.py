"""Texts that are sent after an older state was restored: every phone, linked device and member shows each.

What was sent since then used keys that the older state would use a second time.
"""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from server.cli.serve.launch import ROOT
from tests.chaos.nodes import WITHOUT_FORGETTING, changed_node
from tests.end_to_end.sends import has_status, send, sent
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, CY, Phones, Sandbox
from tests.support.serve import Serve

SETTINGS = {"MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}

#: Texts since the older state was copied, and texts after it was restored. Each second one goes to a group.
SINCE, AFTER = 50, 50

#: Seconds for a command.
WITHIN = 30


class Conversation(NamedTuple):
    """A session that sends to a contact and to a group. Another Motte is a linked device of the contact."""

    motte: Motte
    linked: Motte
    phones: Phones
    group: str

    async def say(self, name: str, number: int) -> list[str]:
        """Sends so many texts, each once the one before is sent; returns those of one chat."""
        texts = [f"{name} {each}" for each in range(number // 2)]
        for text in texts:
            for to in (BO, self.group):
                await sent(self.motte, to=to, text=text)
        return texts

    async def shown(self) -> dict[str, list[str]]:
        """By device and chat: the texts that it shows."""
        mirrored = [one for one in await self.linked.messages("linked") if one["kind"] == "text"]
        bo, cy = await self.phones.texts(BO), await self.phones.texts(CY)
        return {
            "phone of the contact": bo["chats"].get(ANN, []),
            "linked device": [one["text"] for one in mirrored if one["chat"] != self.group],
            "phone in the group": bo["chats"].get(self.group, []),
            "member of the group": cy["chats"].get(self.group, []),
            "linked device in the group": [one["text"] for one in mirrored if one["chat"] == self.group],
        }

    async def shown_with(self, last: str) -> dict[str, list[str]]:
        """The same, once each shows this text."""

        async def is_shown() -> bool:
            return all(last in texts for texts in (await self.shown()).values())

        await eventually(is_shown)
        return await self.shown()

    async def stop(self) -> None:
        await asyncio.to_thread(self.motte.serve.stop)

    async def start(self) -> None:
        await self.motte.ready()
        await self.motte.until("connected")


class WholeState:
    """The older state is a backup of all that Motte has."""

    def __init__(self, motte: Motte, place: Path) -> None:
        self._environment = motte.serve.environment()
        self._file = place / "backup.tar"

    def copy(self) -> None:
        self._run("backup", str(self._file))

    def restore(self) -> None:
        self._run("restore", str(self._file), "--force")

    def _run(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "server", *arguments]
        subprocess.run(command, cwd=ROOT, env=self._environment, timeout=WITHIN, check=True)


class OneDatabase:
    """The older state is one database alone."""

    def __init__(self, database: Path, place: Path) -> None:
        self._database = database
        self._file = place / database.name

    def copy(self) -> None:
        with closing(sqlite3.connect(self._database)) as now, closing(sqlite3.connect(self._file)) as copy:
            now.backup(copy)

    def restore(self) -> None:
        for suffix in ("-wal", "-shm"):
            self._database.with_name(f"{self._database.name}{suffix}").unlink(missing_ok=True)
        self._file.replace(self._database)


class FolderOfTheSession(OneDatabase):
    """That of the connector: the record of the front is newer."""

    def __init__(self, motte: Motte, place: Path) -> None:
        super().__init__(motte.folder.session("shop").path / "connector.db", place)


class RecordOfTheFront(OneDatabase):
    """That of the front: the folder of the session is newer."""

    def __init__(self, motte: Motte, place: Path) -> None:
        super().__init__(motte.folder.database, place)


@asynccontextmanager
async def a_motte(sandbox: Sandbox, phones: Phones, settings: dict[str, str]) -> AsyncGenerator[Motte]:
    serve = Serve({**sandbox.settings, **settings})
    try:
        async with Motte.opened(serve, phones) as motte:
            yield motte
    finally:
        await asyncio.to_thread(serve.stop)
        sys.stdout.write(serve.logs())  # shown where the test has failed
        serve.remove()


@asynccontextmanager
async def conversing(
    sandbox: Sandbox, phones: Phones, settings: dict[str, str]
) -> AsyncGenerator[Conversation]:
    async with a_motte(sandbox, phones, settings) as motte, a_motte(sandbox, phones, {}) as linked:
        await asyncio.gather(motte.connect(), linked.connect("linked", BO))
        group = await phones.make_group(ANN, BO, CY, addressing="lid")
        yield Conversation(motte, linked, phones, group)


async def restored(
    conversation: Conversation, kind: type[WholeState | FolderOfTheSession], place: Path
) -> list[str]:
    """Sends, restores what was before that, and sends again. Returns the texts of one chat."""
    state = kind(conversation.motte, place)
    texts = await conversation.say("before", 2)
    await asyncio.to_thread(state.copy)
    texts += await conversation.say("since", SINCE)
    await conversation.stop()
    await asyncio.to_thread(state.restore)
    await conversation.start()
    texts += await conversation.say("after", AFTER)
    return texts + await conversation.say("last", 2)


KINDS = pytest.mark.parametrize("kind", [WholeState, FolderOfTheSession])


@KINDS
async def test_no_text_is_lost_after_an_older_state_was_restored(
    sandbox: Sandbox, phones: Phones, tmp_path: Path, kind: type[WholeState | FolderOfTheSession]
) -> None:
    async with conversing(sandbox, phones, SETTINGS) as conversation:
        texts = await restored(conversation, kind, tmp_path)
        assert await conversation.shown_with(texts[-1]) == dict.fromkeys(await conversation.shown(), texts)


@KINDS
async def test_texts_would_be_lost_if_the_older_state_kept_its_signal_sessions(
    sandbox: Sandbox, phones: Phones, tmp_path: Path, kind: type[WholeState | FolderOfTheSession]
) -> None:
    with changed_node(WITHOUT_FORGETTING) as node:
        async with conversing(sandbox, phones, {**SETTINGS, **node.settings}) as conversation:
            texts = await restored(conversation, kind, tmp_path)
            shown = await conversation.shown_with(texts[-1])
    for viewer in ("linked device", "member of the group"):  # Baileys asks again for what comes to a group
        assert len(shown[viewer]) < len(texts), viewer


async def test_what_was_sent_is_not_sent_again_after_an_older_record_of_the_front_was_put_back(
    sandbox: Sandbox, phones: Phones, tmp_path: Path
) -> None:
    """The folder of the session is newer: its connector knows what became of each message."""
    async with a_motte(sandbox, phones, SETTINGS) as motte:
        await motte.connect()
        await sent(motte, text="before")
        await motte.tell("shop", "stop")
        waiting = [(await send(motte, text=f"waits {number}")).session(201) for number in range(3)]
        record = RecordOfTheFront(motte, tmp_path)
        record.copy()
        await motte.tell("shop", "start")
        for message in waiting:
            await eventually(partial(has_status, motte, message["id"], "delivered"))
        await sent(motte, text="since")
        await asyncio.to_thread(motte.serve.stop)
        record.restore()
        await motte.ready()
        await motte.tell("shop", "start")
        await motte.until("connected")
        for message in waiting:
            await eventually(partial(has_status, motte, message["id"], "delivered"))
        await sent(motte, text="after")
        shown = await phones.texts(BO)
    texts = ["before", *(f"waits {number}" for number in range(3)), "since", "after"]
    assert (shown["chats"][ANN], shown["copies"]) == (texts, 0)
