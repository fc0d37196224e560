"""How long after a message an edit and a revoke of it are of use."""

from server.core.errors import TooLate
from server.outbound.reasons import DOUBTFUL
from store.records.messages import Message, MessageStatus

#: Milliseconds after which callers may ask for no edit. WhatsApp Web, as others read it, offers one for 900
#: seconds (`message_edit_client_entry_point_limit_seconds`).
EDIT_WINDOW_MS = 15 * 60_000
#: Milliseconds after which callers may ask for no revoke. WhatsApp's apps offer it for 2 days and 12 hours:
#: XDA Developers in August 2022, "60 hours", after WhatsApp had announced "a little over two days"; Kanal's
#: guide of 2026 still found 60 hours.
REVOKE_WINDOW_MS = 60 * 3_600_000
#: Milliseconds for which one that was asked for in time may wait for its turn and the link. WhatsApp Web
#: takes in an edit that was made within 1,200 seconds (`message_edit_window_duration_seconds`;
#: `EditWindow` of whatsmeow). Of revokes nobody says more than the 60 hours.
GRACE_MS = 5 * 60_000

_WINDOWS = {"edit": EDIT_WINDOW_MS, "revoke": REVOKE_WINDOW_MS}
_IN_WORDS = {"edit": "an edit for 15 minutes", "revoke": "a revoke for 60 hours"}


def check_window(kind: str, target: Message, now: int) -> None:
    """Raises TooLate if nobody has the message that is to be changed, or if it was sent too long ago.

    now: milliseconds since 1970.
    """
    if is_lost(target):
        raise TooLate("it failed, so nobody has it")
    if target.sent_at is not None and now - target.sent_at > _WINDOWS[kind]:
        raise TooLate(f"WhatsApp allows {_IN_WORDS[kind]} after a message was sent")


def useful_until(kind: str, target: Message) -> int | None:
    """Returns when a message of a kind about another one is of no use any more, milliseconds since 1970.

    None: it is of use, or it is not known when the other one was sent.
    """
    window = _WINDOWS.get(kind)
    if window is None or target.sent_at is None:
        return None
    return target.sent_at + window + GRACE_MS


def is_lost(message: Message) -> bool:
    """Whether a message failed, and nobody can have it."""
    if message.status is not MessageStatus.FAILED:
        return False
    return message.status_reason is None or message.status_reason.code not in DOUBTFUL
