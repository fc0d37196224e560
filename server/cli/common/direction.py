"""Between whom a message goes, as commands print it."""

from typing import Any


def direction(message: Any) -> str:
    """Returns the other side of the chat; of what others wrote in a group, the sender too."""
    other = message["number"] or message["chat"]
    if message["fromMe"]:
        return f"to {other}"
    if message["chat"].endswith("@g.us"):
        return f"from {message['sender'] or message['senderLid']} in {message['chat']}"
    return f"from {other}"
