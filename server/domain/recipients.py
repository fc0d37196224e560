"""Recipients of a message as callers write them: a phone number, or an address of WhatsApp."""

import re

from server.domain.phone_numbers import IGNORED, INNER_PATTERN, advice, digits_of
from server.domain.whatsapp_addresses import NUMBER_SERVER

#: What follows the digits in an address: of a person by number, of a person without, of a group.
LID_SERVER, GROUP_SERVER = "@lid", "@g.us"
#: How older programs write NUMBER_SERVER.
_OLD_NUMBER_SERVER = "@c.us"

#: Characters of a recipient, with all that people write between digits.
MAX_CHARACTERS = 64

_PERSON = re.compile(
    rf"([1-9][0-9]{{6,14}})(?:{re.escape(NUMBER_SERVER)}|{re.escape(_OLD_NUMBER_SERVER)})", re.ASCII
)
_LID = re.compile(rf"[1-9][0-9]{{4,19}}{LID_SERVER}", re.ASCII)
#: Groups of before 2021 are named by their creator and a moment.
_GROUP = re.compile(rf"[1-9][0-9]{{4,19}}(?:-[1-9][0-9]{{4,19}})?{re.escape(GROUP_SERVER)}", re.ASCII)

#: For /openapi.json, in the syntax that Python and JavaScript share: `(?![\s\S])` is the end of the text.
_PERSON_FORMS = f"{_PERSON.pattern}|{_LID.pattern}|{INNER_PATTERN}"
PERSON_PATTERN = rf"^(?:{_PERSON_FORMS})(?![\s\S])"
PATTERN = rf"^(?:{_GROUP.pattern}|{_PERSON_FORMS})(?![\s\S])"

_NUMBER_RULE = (
    f"must be a phone number with its country code (7 to 15 digits, no 0 at the beginning; {IGNORED})"
)
PERSON_RULE = f"{_NUMBER_RULE}, or an address such as 4915112345678@s.whatsapp.net or 187654321098765@lid"
RULE = (
    f"{_NUMBER_RULE}, "
    "or an address such as 4915112345678@s.whatsapp.net, 187654321098765@lid or 120363041234567890@g.us"
)


def recipient(text: str) -> str:
    """Returns the address of a person or a group. Raises ValueError with the rule."""
    return text if _GROUP.fullmatch(text) else _person(text, RULE)


def person(text: str) -> str:
    """Returns the address of a person. Raises ValueError with the rule."""
    return _person(text, PERSON_RULE)


def can_get_messages(address: str) -> bool:
    """Whether an address is that of a person or a group. A status and a channel are neither."""
    return address.endswith((NUMBER_SERVER, LID_SERVER, GROUP_SERVER))


def is_group(address: str) -> bool:
    """Whether an address is that of a group."""
    return address.endswith(GROUP_SERVER)


def is_lid(address: str) -> bool:
    """Whether an address is that of a person without a number."""
    return address.endswith(LID_SERVER)


def _person(text: str, rule: str) -> str:
    if _LID.fullmatch(text):
        return text
    if by_number := _PERSON.fullmatch(text):
        return by_number[1] + NUMBER_SERVER
    try:
        return digits_of(text) + NUMBER_SERVER
    except ValueError:
        raise ValueError(rule + advice(text)) from None
