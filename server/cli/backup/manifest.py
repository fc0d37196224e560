"""Manifest of a backup."""

import re
from pathlib import Path
from typing import Any, NamedTuple, Self

import click
import msgspec

from server.connectors.credentials import FILE, is_linked
from server.core.paths import SESSION_ID, StateFolder
from store.sqlite.backup import read_entries

FORMAT = 1

MANIFEST = "manifest.json"
DATABASE = "motte.db"

#: Members of a backup, without the manifest. sandbox.state holds the simulated phones that know the sessions.
MEMBER = re.compile(rf"motte\.db|admin\.key|sandbox\.state|sessions/{SESSION_ID.pattern}/{re.escape(FILE)}")


class Incomplete(click.ClickException):
    """Done, but without the credentials of some sessions, which are damaged."""

    exit_code = 7


class Contents(NamedTuple):
    """How much a backup holds."""

    #: Sessions in its database.
    sessions: int
    #: Sessions whose account can be used again without a scan.
    linked: int

    @classmethod
    def of(cls, folder: StateFolder, manifest: "Manifest") -> Self:
        """Counts in the state folder that the backup was made of, or restored to. Raises StoreError."""
        ids = [entry.id for entry in read_entries(folder.database)]
        sound = [session_id for session_id in ids if session_id not in manifest.damaged_sessions]
        return cls(len(ids), sum(is_linked(folder.session(session_id).path) for session_id in sound))

    def __str__(self) -> str:
        return f"{self.sessions} session{'s' * (self.sessions != 1)}, {self.linked} linked to an account"


def summary(file: Path, manifest: "Manifest", contents: Contents) -> dict[str, Any]:
    """What commands print of a backup as JSON."""
    damaged = manifest.damaged_sessions
    return {"file": str(file), **contents._asdict(), "created": manifest.created, "damaged": damaged}


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
    def damaged_sessions(self) -> list[str]:
        """Ids of the sessions whose credentials are damaged."""
        return [Path(name).parent.name for name in self.damaged]

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
