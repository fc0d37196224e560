"""Who takes part in a chaos of sends: an account, its contacts, a group, and a contact's linked device."""

from dataclasses import dataclass
from random import Random

from tests.chaos.contacts import Contact
from tests.chaos.scene import Scene

#: The session that sends, and the number of its account.
SHOP, ACCOUNT = "shop", "15551000000"

#: The session that is a linked device of the first contact, and the number of that contact.
MIRROR, MIRRORED = "mirror", "491510000000"

#: Contacts that write to the account meanwhile.
WRITERS = 3


@dataclass
class Parties:
    """The chats of the account, and whose devices show what is sent to them."""

    #: Digits; a group's id comes last.
    chats: list[str]
    #: Of the group, without the account.
    members: list[str]

    @classmethod
    async def meet(cls, scene: Scene, *, chats: int, members: int) -> "Parties":
        """Pair both sessions and make the group. members: of the group, the account included."""
        await _pair(scene, SHOP, ACCOUNT)
        await _pair(scene, MIRROR, MIRRORED)
        others = [_number(index) for index in range(members - 1)]
        group = await scene.phones.make_group(ACCOUNT, *others)
        return cls([*(_number(index) for index in range(chats - 1)), group], others)

    @property
    def group(self) -> str:
        return self.chats[-1]

    @property
    def numbers(self) -> list[str]:
        """Of everybody else, each once."""
        return list(dict.fromkeys([*self.chats[:-1], *self.members]))

    def audience(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """By session and chat, the devices that must show what is sent to it."""
        audience = {(SHOP, chat): self._devices(chat) for chat in self.chats[:-1]}
        group = [device for member in self.members for device in self._devices(member)]
        return {**audience, (SHOP, self.group): tuple(dict.fromkeys(group))}

    def contacts(self, scene: Scene, *, seed: str) -> list[Contact]:
        """Those that write to the account."""
        return [
            Contact(scene, number, session_id=SHOP, phone=ACCOUNT, random=Random(f"{seed} {number}"))  # noqa: S311
            for number in self.chats[:-1][:WRITERS]
        ]

    def _devices(self, number: str) -> tuple[str, ...]:
        """The account's own phone gets a copy of what its devices send."""
        linked = (linked_device(number),) if number == MIRRORED else ()
        return (phone_of(number), *linked, phone_of(ACCOUNT))


def phone_of(number: str) -> str:
    """What findings call a phone."""
    return f"the phone of {number}"


def linked_device(number: str) -> str:
    """What findings call a linked device."""
    return f"the linked device of {number}"


def _number(index: int) -> str:
    return f"4915100{index:05}"


async def _pair(scene: Scene, session_id: str, phone: str) -> None:
    session = await scene.motte.create(session_id)
    scene.confidences.keep_code(session["qrCode"])
    await scene.phones.scan(session["qrCode"], phone)
    await scene.motte.until("connected", session_id)
