"""A number and a LID of one account: callers that know one of them hear of the other one, once."""

from typing import Any

from tests.api.sending.conftest import BO, Shop

LID = "909913313250243@lid"
LINKED = {"lid": LID, "number": "4915112345678"}
EVE, EVE_LID = "4915187654321@s.whatsapp.net", "77777777777777@lid"
GROUP = "120363041234567890@g.us"


async def linked(shop: Shop) -> list[Any]:
    """The data of each event `contact.linked`, and the text of each message that came, in order."""
    response = await shop.front.get("/events", headers={"Accept": "application/json"})
    return [
        item["data"].get("text", item["data"])
        for item in (await response.json())["items"]
        if item["type"] in ("contact.linked", "message.received")
    ]


async def test_a_message_that_names_both_tells_the_lid_of_a_number_that_was_written_to(shop: Shop) -> None:
    await shop.becomes((await shop.post())["id"], "sent")
    assert await linked(shop) == []
    for text in ("one", "two"):
        shop.connector.receive(text)
    await shop.stored()
    assert await linked(shop) == [LINKED, "one", "two"]


async def test_a_message_that_names_both_tells_the_number_of_a_lid_that_wrote(shop: Shop) -> None:
    shop.connector.receive("one", chat=LID, sender=LID)
    shop.connector.receive("two")
    await shop.stored()
    assert await linked(shop) == ["one", LINKED, "two"]


async def test_who_was_always_known_by_both_is_no_news(shop: Shop) -> None:
    shop.connector.receive("one")
    shop.connector.receive("two")
    await shop.stored()
    assert await linked(shop) == ["one", "two"]


async def test_the_ack_of_a_message_tells_the_lid_of_its_chat(shop: Shop) -> None:
    await shop.meet("4915112345678")
    sent = await shop.post()
    await shop.handed(1)
    shop.connector.move(sent["id"], BO, "sent", chat_lid=LID)
    await shop.stored()
    assert await linked(shop) == ["4915112345678", LINKED]


async def test_the_check_of_a_number_before_its_first_message_tells_its_lid(shop: Shop) -> None:
    shop.front.whatsapp.lids["4915112345678"] = LID
    sent = await shop.post()
    assert sent["chatLid"] is None
    await shop.becomes(sent["id"], "sent")
    assert await linked(shop) == [LINKED]


async def test_a_number_that_was_only_looked_up_is_no_news(shop: Shop) -> None:
    shop.front.whatsapp.lids["4915112345678"] = LID
    response = await shop.front.get("/sessions/shop/contacts/4915112345678")
    assert (await response.json())["lid"] == LID
    shop.connector.receive("one")
    await shop.stored()
    assert await linked(shop) == ["one"]


async def test_a_member_of_a_group_is_news_if_there_is_a_chat_with_the_person(shop: Shop) -> None:
    await shop.becomes((await shop.post(to=EVE))["id"], "sent")
    shop.connector.receive("from Bo", chat=GROUP, chat_lid=None, sender=BO, sender_lid=LID)
    shop.connector.receive("from Eve", chat=GROUP, chat_lid=None, sender=EVE, sender_lid=EVE_LID)
    await shop.stored()
    assert await linked(shop) == ["from Bo", {"lid": EVE_LID, "number": "4915187654321"}, "from Eve"]
