"""Manifest of a backup."""

import re
from pathlib import Path
from typing import Any, Self

import click
import msgspec

from server.connectors.credentials import FILE
from server.core.paths import SESSION_ID

FORMAT = 1

MANIFEST = "manifest.json"
DATABASE = "motte.db"

#: Members of a backup, without the manifest. sandbox.state holds the simulated phones that know the sessions.
MEMBER = re.compile(rf"motte\.db|admin\.key|sandbox\.state|sessions/{SESSION_ID.pattern}/{re.escape(FILE)}")


class Incomplete(click.ClickException):
    """Done, but without the credentials of some sessions, which are damaged."""

    exit_code = 7


class Member(msgspec.Struct, frozen=True):
    """One file of a backup."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """Contents and origin of a backup."""

    format: int
    #: Version of the Motte that made it.
    version: str
    #: Schema of its motte.db.
    schema: int
    #: ISO 8601, UTC.
    created: str
    members: dict[str, Member]
    #: Names of members that are left out because their originals are damaged.
    damaged: tuple[str, ...] = ()

    @property
    def sessions(self) -> int:
        """How many sessions have credentials in it."""
        return sum(name.startswith("sessions/") for name in self.members)

    @property
    def damaged_sessions(self) -> list[str]:
        """Ids of the sessions whose credentials are damaged."""
        return [Path(name).parent.name for name in self.damaged]

    @property
    def summary(self) -> dict[str, Any]:
        """What commands print of it as JSON."""
        return {"sessions": self.sessions, "created": self.created, "damaged": self.damaged_sessions}

    def check_complete(self) -> None:
        """Raises Incomplete."""
        if self.damaged:
            named = ", ".join(self.damaged_sessions)
            raise Incomplete(f"the credentials of {named} are damaged and were left out: see `motte doctor`")

    def without(self, damaged: list[str]) -> Self:
        """Returns the same manifest without these members."""
        members = {name: member for name, member in self.members.items() if name not in damaged}
        return msgspec.structs.replace(self, members=members, damaged=(*self.damaged, *damaged))

    @property
    def size(self) -> int:
        """Sum of the members' bytes."""
        return sum(member.size for member in self.members.values())
