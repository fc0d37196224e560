"""Ids of messages that callers send."""

import secrets

#: WhatsApp Web's ids begin so, and so do Baileys' (`generateMessageIDV2`) and whatsmeow's
#: (`WebMessageIDPrefix`, before 9 bytes of a hash): the phone tells from the form of an id which kind of
#: device made it.
PREFIX = "3EB0"
RANDOM_BYTES = 9


def new_message_id() -> str:
    """Returns an id that nobody used: 72 random bits as WhatsApp Web writes them."""
    return PREFIX + secrets.token_hex(RANDOM_BYTES).upper()
