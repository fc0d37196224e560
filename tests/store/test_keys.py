"""API keys in the store."""

from sqlite3 import IntegrityError

import pytest

from store.ports.keys import KeyStore
from store.records.keys import Key

FIRST = "1" * 64
SECOND = "2" * 64


async def test_a_key_is_found_by_its_digest_with_its_scopes_in_order(keys: KeyStore) -> None:
    await keys.add("bot", FIRST, ("sessions:write", "sessions:read"), 7)

    assert await keys.find(FIRST) == Key(name="bot", scopes=("sessions:write", "sessions:read"), created_at=7)


async def test_an_unknown_digest_finds_nothing(keys: KeyStore) -> None:
    await keys.add("bot", FIRST, (), 7)

    assert await keys.find(SECOND) is None


async def test_a_new_key_of_a_name_ends_the_old_one(keys: KeyStore) -> None:
    await keys.add("bot", FIRST, ("admin",), 7)

    await keys.add("bot", SECOND, ("admin",), 8)

    assert await keys.find(FIRST) is None
    assert [key.created_at for key in await keys.all()] == [8]


async def test_nobody_gets_more_rights_under_another_name(keys: KeyStore) -> None:
    await keys.add("bot", FIRST, ("sessions:read",), 7)

    with pytest.raises(IntegrityError):
        await keys.add("first", FIRST, ("admin",), 8)

    assert await keys.all() == [Key(name="bot", scopes=("sessions:read",), created_at=7)]


async def test_a_deleted_key_opens_nothing(keys: KeyStore) -> None:
    await keys.add("bot", FIRST, ("admin",), 7)

    assert await keys.delete("bot")

    assert await keys.find(FIRST) is None
    assert not await keys.delete("bot")


async def test_it_is_known_whether_there_is_a_key_at_all(keys: KeyStore) -> None:
    assert not await keys.any()

    await keys.add("bot", FIRST, (), 7)

    assert await keys.any()


async def test_keys_are_listed_by_name(keys: KeyStore) -> None:
    await keys.add("b", FIRST, (), 1)
    await keys.add("a", SECOND, (), 2)

    assert [key.name for key in await keys.all()] == ["a", "b"]


async def test_a_key_keeps_the_sessions_that_it_is_bound_to(keys: KeyStore) -> None:
    await keys.add("bot", FIRST, ("sessions:read",), 7, sessions=("shop", "cafe"))

    found = await keys.find(FIRST)

    assert found is not None
    assert found.may_see("shop")
    assert not found.may_see("other")


async def test_a_key_that_is_bound_to_no_session_at_all_sees_none(keys: KeyStore) -> None:
    await keys.add("bot", FIRST, ("sessions:read",), 7, sessions=())

    found = await keys.find(FIRST)

    assert found is not None
    assert not found.may_see("shop")


async def test_the_last_use_never_goes_back(keys: KeyStore) -> None:
    await keys.add("bot", FIRST, ("admin",), 7)

    await keys.note_use({("bot", 7): 20})
    await keys.note_use({("bot", 7): 10})

    assert [key.last_used_at for key in await keys.all()] == [20]


async def test_a_key_that_was_made_anew_was_not_used_by_what_its_forerunner_did(keys: KeyStore) -> None:
    await keys.add("bot", SECOND, ("admin",), 8)

    await keys.note_use({("bot", 7): 20})

    assert [key.last_used_at for key in await keys.all()] == [None]
