"""A front of the next version beside a Motte that runs: the schema is changed once nobody else uses it."""

from tests.slow.second import SecondFront
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.newer_schema import SCHEMA, schema_of
from tests.support.phones import Phones


async def test_a_newer_front_waits_until_the_older_one_has_ended_and_then_brings_the_database_up_to_date(
    mine: Motte, phones: Phones
) -> None:
    await mine.connect()
    front = SecondFront(mine.serve, "tests.slow.newer_front")
    try:
        await eventually(lambda: waits(front))
        await phones.write("to the older one")
        await eventually(lambda: has(mine, ["to the older one"]))
        assert schema_of(mine.folder.database) == SCHEMA

        await mine.serve.ctl("stop", "front")
        await eventually(lambda: leads(front, mine))
        assert schema_of(mine.folder.database) == SCHEMA + 1
        await phones.write("to the newer one")
        await eventually(lambda: has(mine, ["to the older one", "to the newer one"]))
    finally:
        front.stop()


async def waits(front: SecondFront) -> bool:
    said = f"the database has schema {SCHEMA}, this Motte needs {SCHEMA + 1}, and another process keeps it so"
    return f"event=store_out_of_order error={said}" in front.log.read_text()


async def leads(front: SecondFront, motte: Motte) -> bool:
    """Whether it announces itself as the front that callers ask."""
    return motte.serve.url() == front.url


async def has(motte: Motte, texts: list[str]) -> bool:
    return [message["text"] for message in await motte.messages()] == texts
