"""How long messages are kept."""

from pathlib import Path

import pytest

from server.core.settings.model import Settings
from server.messages.retention import Retention
from store.sqlite.store import open_store
from tests.store.samples import session
from tests.store.test_messages import letter, receive, texts

RECEIVED_AT = 1_779_710_400_000


@pytest.mark.parametrize(("milliseconds", "left"), [(604_800_000, ["a text"]), (604_800_001, [])])
async def test_a_message_is_kept_for_a_week_and_not_a_millisecond_more(
    tmp_path: Path, milliseconds: int, left: list[str]
) -> None:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as store:
        await store.sessions.add(session())
        await receive(store, letter("a text", received_at=RECEIVED_AT))
        keep = Settings(state=tmp_path).message_retention
        await Retention(store.messages, lambda: RECEIVED_AT + milliseconds, keep=keep).forget()
        assert await texts(store.messages) == left
