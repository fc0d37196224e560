"""Cache of what is known about WhatsApp's versions: one file in the state folder, for the next front."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from server.whatsapp_version.revisions import BUILT_IN
from server.whatsapp_version.rollout import Rollout
from store.files import read_regular, replace_file

#: The last number of a version. Connectors refuse a hello with a longer one.
Revision = Annotated[int, msgspec.Meta(ge=0, lt=10**10)]


class Source(StrEnum):
    """Source of the version in use."""

    BUILT_IN = "built-in"  # this Motte contains it
    ANNOUNCED = "announced"  # WhatsApp's site named it
    SETTING = "setting"  # MOTTE_WHATSAPP_VERSION


class InUse(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The version that links announce, as the leader wrote it."""

    version: str
    source: Source
    #: When it was built, about: milliseconds since 1970.
    built_at: int
    #: Whether WhatsApp answered 405 to it.
    is_refused: bool = False
    #: Whether only the sandbox sees it. Its age has no meaning then.
    is_simulated: bool = False


class Known(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The whole file. Moments are milliseconds since 1970."""

    in_use: InUse | None = None
    #: The site that was asked. Results of another site are not used.
    site: str | None = None
    announced: Revision | None = None
    #: When `announced` was seen first.
    announced_at: int | None = None
    accepted: tuple[Revision, ...] = ()
    refused: tuple[Revision, ...] = ()
    current: Revision | None = None
    #: When the site announced `current` first; None if it did not.
    current_seen_at: int | None = None
    #: When the site was asked last, with or without success.
    asked_at: int | None = None

    def rollout(self) -> Rollout:
        """Returns the last front's rollout. The built-in version replaces an older one that was in use."""
        current = max(self.current or BUILT_IN, BUILT_IN)
        return Rollout(
            built_in=BUILT_IN,
            current=current,
            announced=self.announced,
            accepted=self.accepted,
            refused=self.refused,
        )


def load(file: Path, *, damaged: Callable[[str], None] = lambda why: None) -> Known:
    """Reads the file. Returns empty values if it does not exist or is damaged. Raises OSError otherwise.

    damaged: called with the reason if the file is damaged.
    """
    try:
        return msgspec.json.decode(read_regular(file), type=Known)
    except FileNotFoundError:
        return Known()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        damaged(str(error))
        return Known()


def save(file: Path, known: Known) -> None:
    """Replaces the file atomically. Raises OSError."""
    replace_file(file, msgspec.json.encode(known) + b"\n")
