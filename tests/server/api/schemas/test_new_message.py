"""The body of a request that sends a message."""

from typing import Any

import msgspec
import pytest

from server.api.schemas.message_fields import MAX_ID_LENGTH
from server.api.schemas.new_message import MAX_PHONE_NUMBERS, MAX_VCARD_LENGTH, NewMessage
from server.api.schemas.parsing import parse_body
from server.core.errors import MalformedJson, ValidationFailed
from server.outbound.drafts import Draft, NamedMessage
from server.protocol.bounds import MAX_MENTIONS, MAX_TEXT_UNITS

TO = {"to": "4915112345678"}
BO = "4915112345678@s.whatsapp.net"
CARD = "BEGIN:VCARD\nEND:VCARD"


def draft(**body: Any) -> Draft:
    return parse_body(msgspec.json.encode(TO | body), NewMessage, is_required=True).draft()


def refused(**body: Any) -> tuple[str, str]:
    """The pointer and the rule that the body breaks."""
    with pytest.raises(ValidationFailed) as raised:
        draft(**body)
    [error] = raised.value.errors
    return error["pointer"], error["detail"]


def test_a_text_alone_is_sent_within_a_day_and_again_in_doubt() -> None:
    wanted = draft(text="Hello")
    assert (wanted.chat, wanted.kind, wanted.text) == (BO, "text", "Hello")
    assert (wanted.ttl, wanted.typing, wanted.on_doubt, wanted.reply_to) == (86_400, 0, "resend", None)


def test_a_place_and_a_card_are_sent_without_a_text() -> None:
    place = draft(location={"latitude": 52.5, "longitude": 13.4, "name": "Berlin"})
    assert place.kind == "location"
    assert place.content.location is not None
    assert (place.content.location.latitude, place.content.location.name) == (52.5, "Berlin")
    card = draft(contact={"name": "Cy", "phoneNumbers": ["+49 151 12345679"]})
    assert card.content.contact is not None
    assert (card.kind, card.content.contact.phone_numbers) == ("contact", ["4915112345679"])


def test_a_mention_is_one_address_and_comes_once() -> None:
    mentions = draft(text="@4915112345678", mentions=["+49 151 12345678", BO, "909913313250243@lid"])
    assert mentions.content.mentions == [BO, "909913313250243@lid"]


def test_a_reply_names_an_id_or_a_whole_message() -> None:
    assert draft(text="Yes", replyTo="3EB0").reply_to == NamedMessage(id="3EB0")
    whole = {"id": "3EB0", "chat": "120363041234567890@g.us", "sender": "+49 151 12345678"}
    assert draft(text="Yes", replyTo=whole).reply_to == NamedMessage(
        id="3EB0", chat="120363041234567890@g.us", sender=BO
    )


@pytest.mark.parametrize(
    ("body", "pointer", "rule"),
    [
        ({}, "", "must have exactly one of text, location and contact"),
        ({"text": "a", "location": {"latitude": 0, "longitude": 0}}, "", "has text and location"),
        ({"text": None}, "", "must have exactly one"),
        ({"text": ""}, "/text", "must have at least 1 character"),
        ({"text": " \n\t"}, "/text", "must have a character that is not a space"),
        ({"text": "a\0b"}, "/text", "must have no NUL"),
        ({"text": 1}, "/text", "must be text or"),
        ({"text": "a", "to": "Bo"}, "/to", "must be a phone number"),
        ({"text": "a", "to": "0151 12345678"}, "/to", "no 0 at the beginning"),
        ({"text": "a", "mentions": ["Bo"]}, "/mentions/0", "must be a phone number"),
        ({"text": "a", "mentions": ["120363041234567890@g.us"]}, "/mentions/0", "must be a phone number"),
        ({"contact": {"name": "Cy", "phoneNumbers": ["4"]}}, "/contact/phoneNumbers/0", "must be a phone"),
        ({"contact": {"name": "Cy"}}, "/contact", "must have phoneNumbers or a vcard"),
        ({"contact": {"name": "Cy", "vcard": "Cy"}}, "/contact/vcard", "must begin with BEGIN:VCARD"),
        ({"contact": {"vcard": CARD}}, "/contact/name", "is missing"),
        ({"contact": {"nme": "Cy"}}, "/contact/nme", "the fields are name, phoneNumbers, vcard"),
        ({"location": {"latitude": 91, "longitude": 0}}, "/location/latitude", "must be at most 90"),
        ({"text": "a", "typing": 11}, "/typing", "must be at most 10"),
        ({"location": {"latitude": 0}}, "/location/longitude", "is missing"),
        ({"location": {"latitude": 0, "longitude": 0}, "mentions": [BO]}, "/mentions", "belongs to a text"),
        ({"text": "a", "replyTo": {"chat": BO}}, "/replyTo/id", "is missing"),
        ({"text": "a", "replyTo": {"id": "1", "sender": "x"}}, "/replyTo/sender", "must be a phone number"),
        ({"text": "a", "replyTo": "a\0"}, "/replyTo", "must have no NUL"),
        ({"text": "a", "onDoubt": "maybe"}, "/onDoubt", "must be one of fail, resend"),
        ({"text": "a", "image": {}}, "/image", "is not a field here: the fields are to, text, location"),
    ],
)
def test_a_broken_rule_is_named_with_its_place(body: dict[str, Any], pointer: str, rule: str) -> None:
    place, sentence = refused(**body)
    assert place == pointer
    assert rule in sentence


def test_a_text_may_have_so_many_units_and_no_more() -> None:
    assert draft(text="a" * MAX_TEXT_UNITS).text == "a" * MAX_TEXT_UNITS
    emoji = "\U0001f44d"  # two units
    assert draft(text=emoji * (MAX_TEXT_UNITS // 2)).text
    rule = "must have at most 65536 UTF-16 units: most emoji have two or more"
    for beyond in ("a" * (MAX_TEXT_UNITS + 1), emoji * (MAX_TEXT_UNITS // 2) + "a"):
        assert refused(text=beyond) == ("/text", rule)


def test_a_list_or_a_card_may_be_so_long_and_no_longer() -> None:
    assert draft(text="a", mentions=[BO] * MAX_MENTIONS)
    assert refused(text="a", mentions=[BO] * (MAX_MENTIONS + 1))[0] == "/mentions"
    assert draft(contact={"name": "Cy", "phoneNumbers": ["4915112345679"] * MAX_PHONE_NUMBERS})
    assert refused(contact={"name": "Cy", "phoneNumbers": ["4915112345679"] * (MAX_PHONE_NUMBERS + 1)})
    most = CARD + " " * (MAX_VCARD_LENGTH - len(CARD))
    assert draft(contact={"name": "Cy", "vcard": most})
    assert refused(contact={"name": "Cy", "vcard": most + " "})[0] == "/contact/vcard"
    assert draft(text="a", replyTo="a" * MAX_ID_LENGTH)
    assert refused(text="a", replyTo="a" * (MAX_ID_LENGTH + 1))[0] == "/replyTo"


@pytest.mark.parametrize(
    ("name", "least", "most", "beyond"),
    [("typing", 0, 10, 10.1), ("typing", 0, 10, -0.1), ("ttl", 1, 604_800, 604_801), ("ttl", 1, 604_800, 0)],
)
def test_a_number_may_be_so_large_and_no_larger(name: str, least: int, most: int, beyond: float) -> None:
    for value in (least, most):
        assert draft(text="a", **{name: value})
    assert refused(text="a", **{name: beyond})[0] == f"/{name}"


@pytest.mark.parametrize("half", [rb"\ud800", rb"\udfff", rb"\udc00\ud800", rb"a\ud83d"])
def test_a_half_of_a_character_is_no_json(half: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_body(b'{"to": "4915112345678", "text": "' + half + b'"}', NewMessage, is_required=True)


def test_no_log_shows_what_is_sent() -> None:
    body = parse_body(b'{"to": "4915112345678", "text": "secret"}', NewMessage, is_required=True)
    assert "secret" not in repr(body)
    assert "secret" not in repr(body.draft())
