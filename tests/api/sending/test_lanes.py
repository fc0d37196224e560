"""A chat that gets its number while something waits: its messages stay in one order."""

from server.protocol.events.contacts import ContactLinked
from tests.api.sending.conftest import BO, Shop

LID = "909913313250243@lid"
NUMBER = "4915112345678"
OTHER = "4915100000001"


def order(shop: Shop) -> list[str]:
    """The texts of what the connector was to send, each where it came for the first time."""
    texts = [command["message"].get("text", command["message"]["kind"]) for command in shop.connector.sent()]
    return list(dict.fromkeys(texts))


async def link(shop: Shop) -> None:
    shop.connector.say_spooled(ContactLinked, lid=LID, number=NUMBER)
    await shop.stored()


async def looked(shop: Shop) -> None:
    """Return once the dispatcher has handed over what it may."""
    other = await shop.post(to=OTHER, text="in another chat")
    shop.connector.move((await shop.becomes(other["id"], "handed"))["id"], other["chat"], "sent")
    await shop.becomes(other["id"], "sent")


async def test_what_is_queued_under_a_lid_and_then_under_its_number_goes_in_this_order(shop: Shop) -> None:
    await shop.meet(NUMBER, OTHER)
    shop.front.whatsapp.takes_messages = False
    one, two = [await shop.post(to=LID, text=text) for text in ("one", "two")]
    await shop.handed(1)
    await link(shop)
    three = await shop.post(to=BO, text="three")
    edit = await shop.about(f"/sessions/shop/messages/{one['id']}", "PATCH", {"text": "one, edited"})
    await looked(shop)
    assert order(shop) == ["one", "in another chat"]
    shop.front.whatsapp.takes_messages = True
    shop.connector.move(one["id"], LID, "sent")
    for message in (one, two, three, edit):
        await shop.becomes(message["id"], "sent")
    assert order(shop) == ["one", "in another chat", "two", "three", "one, edited"]


async def test_what_a_connector_has_for_the_number_comes_before_what_waits_for_the_lid(shop: Shop) -> None:
    await shop.meet(NUMBER, OTHER)
    await shop.front.ask("stop")
    lid = await shop.post(to=LID, text="for the LID")
    cancelled = await shop.post(to=LID, text="never")
    number = await shop.post(to=BO, text="for the number")
    await shop.front.ask("start")
    shop.front.whatsapp.takes_messages = False
    await shop.front.until("connected")
    await shop.becomes(lid["id"], "handed")
    await shop.becomes(number["id"], "handed")
    await link(shop)
    shop.connector.move(lid["id"], LID, "sent")
    await shop.becomes(lid["id"], "sent")
    await looked(shop)
    assert "never" not in order(shop)
    response = await shop.front.client.delete(f"/sessions/shop/messages/{cancelled['id']}")
    assert (response.status, (await response.json())["status"]) == (200, "failed")


async def test_a_held_chat_of_a_lid_goes_on_once_its_number_writes(shop: Shop) -> None:
    shop.connector.restrict("new-chat-limit", None)
    await shop.stored()
    held = await shop.post(to=LID)
    await shop.meet(OTHER)
    await looked(shop)
    assert (await shop.message(held["id"]))["status"] == "queued"
    shop.connector.receive("Hello", chat=BO, sender=BO, chat_lid=LID, sender_lid=LID)
    await shop.becomes(held["id"], "sent")
