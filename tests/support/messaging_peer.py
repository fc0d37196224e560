"""What a connector says of messages and contacts."""

from typing import Any

from server.core.clock import Clock
from server.core.paths import SessionFolder
from server.protocol.events.contacts import Answered, FoundContact, Refused
from server.protocol.events.link import Restricted
from server.protocol.events.messages import MarkedMessage, MessageMoved, MessageReceived, ReadMarked
from store.records.reason import Reason
from tests.support.pipe_peer import PipePeer
from tests.support.whatsapp import FakeWhatsApp


class MessagingPeer(PipePeer):
    """Sends messages, receives those of a contact, and looks numbers up, with a fake WhatsApp behind it."""

    def __init__(self, folder: SessionFolder, *, whatsapp: FakeWhatsApp, clock: Clock, epoch: int) -> None:
        super().__init__(folder, epoch)
        self._whatsapp = whatsapp
        self._clock = clock

    def receive(self, text: str, **fields: Any) -> None:
        """A contact writes."""
        self._keep(self.receiving(text, **fields))

    def receiving(self, text: str, **fields: Any) -> MessageReceived:
        """What is to be said of a contact's text."""
        contact, lid = "4915112345678@s.whatsapp.net", "909913313250243@lid"
        message: dict[str, Any] = {
            "id": text,
            "chat": contact,
            "chat_lid": lid,
            "sender": contact,
            "sender_lid": lid,
            "from_me": False,
            "push_name": "Bo",
            "sent_at": self._clock.wall(),
            "kind": "text",
            "text": text,
        }
        return MessageReceived(epoch=self.epoch, seq=self._next_seq(), **(message | fields))

    def move(self, message_id: str, chat: str, status: str, **fields: Any) -> None:
        """WhatsApp says how far a message is."""
        moved = {"id": message_id, "chat": chat, "status": status, "at": self._clock.wall()}
        self.say_spooled(MessageMoved, **(moved | fields))

    def confirm_marks(self, chat: str, *keys: tuple[str, str]) -> None:
        """WhatsApp knows that these messages were read. keys: the id and the sender of each."""
        marked = tuple(MarkedMessage(id=message_id, sender=sender) for message_id, sender in keys)
        self.say_spooled(ReadMarked, chat=chat, keys=marked)

    def restrict(self, code: str, until: int | None) -> None:
        """WhatsApp lets the account begin no chats until then, in milliseconds since 1970."""
        self.say_spooled(Restricted, code=code, until=until)

    def sent(self) -> list[dict[str, Any]]:
        """The messages that it was to send, in this order."""
        return [command for command in self.commands if command["command"] == "send"]

    def _send(self, command: dict[str, Any]) -> None:
        if self._whatsapp.takes_messages:
            self.move(command["id"], command["chat"], "sent", attempts=1)

    def _look_up(self, request: str, number: str) -> None:
        """Answer whether a number has an account."""
        if self._whatsapp.silent:
            return
        if self._whatsapp.refuses_questions:
            reason = Reason("whatsapp-unreachable", "as the test wants it")
            self.say(Refused(epoch=self.epoch, request=request, reason=reason))
            return
        exists = number not in self._whatsapp.unknown_numbers
        jid = f"{number}@s.whatsapp.net" if exists else None
        found = FoundContact(number=number, exists=exists, jid=jid, lid=self._whatsapp.lids.get(number))
        self.say(Answered(epoch=self.epoch, request=request, result=found))
