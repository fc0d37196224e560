"""Logins in the store."""

from store.sqlite.logins import MAX_PER_KEY
from store.sqlite.store import SqliteStore

DAY = 86_400.0


async def valid(store: SqliteStore, *, key: str, boot: float) -> list[str]:
    """The logins of a key that are not over."""
    found = []
    for number in range(MAX_PER_KEY + 2):
        name = f"{key} {number}"
        if await store.logins.key(name, wall=0, boot=boot, ttl=DAY) is not None:
            found.append(name)
    return found


async def test_a_key_has_so_many_logins_and_one_more_ends_the_oldest(store: SqliteStore) -> None:
    for key in ("a", "b"):
        await store.keys.add(key, key, ["admin"], 0)
    for number in range(MAX_PER_KEY):
        await store.logins.add(f"a {number}", key_sha256="a", wall=0, boot=float(number), ttl=DAY)
    await store.logins.add("b 0", key_sha256="b", wall=0, boot=0.0, ttl=DAY)
    assert len(await valid(store, key="a", boot=100.0)) == MAX_PER_KEY
    await store.logins.add(f"a {MAX_PER_KEY}", key_sha256="a", wall=0, boot=100.0, ttl=DAY)
    assert (await valid(store, key="a", boot=100.0))[0] == "a 1"
    assert len(await valid(store, key="a", boot=100.0)) == MAX_PER_KEY
    assert await valid(store, key="b", boot=100.0) == ["b 0"]
