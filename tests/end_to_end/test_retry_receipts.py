"""Devices that cannot read a message ask for it again, and its connector may be another process by then."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from tests.end_to_end.sends import has_status, sent
from tests.end_to_end.test_messages import held
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, Phones


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}


async def sent_unreadably(motte: Motte, phones: Phones, text: str) -> str:
    """The id of a text that the phone cannot read, for which it asks while the session rests.

    What comes before it begins the conversation, as each process does: a first message brings its keys.
    """
    await sent(motte, text=f"before {text}")
    await phones.write(f"reply before {text}")
    await eventually(lambda: held(motte, f"reply before {text}"))
    await phones.settle(offlinePhones=[BO])
    await phones.forget_keys(BO)
    message = await sent(motte, text=text)
    await motte.tell("shop", "stop")
    await motte.asleep()
    await phones.settle()
    return str(message["id"])


def forget(motte: Motte, message_id: str) -> None:
    """The connector does not keep the message any more."""
    database = motte.folder.session("shop").path / "connector.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute("DELETE FROM sent WHERE id = ?", (message_id,)).rowcount == 1


async def test_a_message_that_is_asked_for_after_a_restart_is_sent_again_and_one_that_is_not_kept_is_not(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    kept = await sent_unreadably(motte, phones, "kept")
    assert (await phones.texts(BO))["chats"][ANN] == ["before kept"]
    await motte.tell("shop", "start")
    await eventually(lambda: has_status(motte, kept, "delivered"))
    assert (await phones.texts(BO))["chats"][ANN] == ["before kept", "kept"]

    lost = await sent_unreadably(motte, phones, "lost")
    await asyncio.to_thread(forget, motte, lost)
    await motte.tell("shop", "start")
    await motte.until("connected")
    last = await sent(motte, text="last")
    await eventually(lambda: has_status(motte, last["id"], "delivered"))
    bo = await phones.phone(BO)
    assert [one["text"] for one in bo["inbox"]] == ["before kept", "kept", "before lost", "last"]
    assert lost not in [one["id"] for one in bo["inbox"] + bo["dropped"]]
    assert await has_status(motte, lost, "sent")
