"""What a backup says of itself."""

import re
from pathlib import Path
from typing import Any, Self

import click
import msgspec

from server.connectors.credentials import FILE
from server.core.paths import SESSION_ID

FORMAT = 1

MANIFEST = "manifest.json"
RECORD = "motte.db"

#: What a backup may hold beside its manifest. The sandbox's phones know its sessions as WhatsApp would.
MEMBER = re.compile(rf"motte\.db|admin\.key|sandbox\.state|sessions/{SESSION_ID.pattern}/{re.escape(FILE)}")


class Incomplete(click.ClickException):
    """All was done, but for the credentials of some sessions, which are damaged."""

    exit_code = 7


class Member(msgspec.Struct, frozen=True):
    """One file of a backup."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds, and what made it."""

    format: int
    #: Of the Motte that made it.
    version: str
    #: Of its motte.db.
    schema: int
    #: ISO 8601, UTC.
    created: str
    members: dict[str, Member]
    #: Names of those that are left out, since what they are copies of is damaged.
    damaged: tuple[str, ...] = ()

    @property
    def sessions(self) -> int:
        """How many have credentials in it."""
        return sum(name.startswith("sessions/") for name in self.members)

    @property
    def damaged_sessions(self) -> list[str]:
        """Their ids."""
        return [Path(name).parent.name for name in self.damaged]

    @property
    def summary(self) -> dict[str, Any]:
        """What commands tell programs of it."""
        return {"sessions": self.sessions, "created": self.created, "damaged": self.damaged_sessions}

    def check_complete(self) -> None:
        """Raises Incomplete."""
        if self.damaged:
            named = ", ".join(self.damaged_sessions)
            raise Incomplete(f"the credentials of {named} are damaged and were left out: see `motte doctor`")

    def without(self, damaged: list[str]) -> Self:
        """The same, these members left out too."""
        members = {name: member for name, member in self.members.items() if name not in damaged}
        return msgspec.structs.replace(self, members=members, damaged=(*self.damaged, *damaged))

    @property
    def size(self) -> int:
        """Bytes of all members."""
        return sum(member.size for member in self.members.values())
