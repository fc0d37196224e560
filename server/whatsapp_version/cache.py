"""What is known of WhatsApp's versions, in one file of the state folder, for the next start of a front."""

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from server.whatsapp_version.revisions import BUILT_IN
from server.whatsapp_version.rollout import Rollout

#: The last number of a version. Connectors take no hello with a longer one.
Revision = Annotated[int, msgspec.Meta(ge=0, lt=10**10)]

#: Bytes. The file has some hundred; a larger one is not ours.
LARGEST = 64 * 1024


class Source(StrEnum):
    """Where the version in use comes from."""

    BUILT_IN = "built-in"  # this Motte brings it
    ANNOUNCED = "announced"  # WhatsApp's site named it
    SETTING = "setting"  # MOTTE_WHATSAPP_VERSION


class InUse(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The version that links are opened with, as the front that owns the pipes wrote it."""

    version: str
    source: Source
    #: When it was built, about: milliseconds since 1970.
    built_at: int
    #: Whether WhatsApp answered 405 to it.
    is_refused: bool = False
    #: Whether it is only announced to the sandbox, so that its age means nothing.
    is_simulated: bool = False


class Known(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The whole file. Moments are milliseconds since 1970."""

    in_use: InUse | None = None
    #: The site that was asked. What another one said, and what followed from it, counts for nothing.
    site: str | None = None
    announced: Revision | None = None
    #: When `announced` was seen first.
    announced_at: int | None = None
    accepted: tuple[Revision, ...] = ()
    refused: tuple[Revision, ...] = ()
    current: Revision | None = None
    #: When the site announced `current` first; None: it did not.
    current_seen_at: int | None = None
    #: When the site was asked last, whatever came of it.
    asked_at: int | None = None

    def rollout(self) -> Rollout:
        """Where the last front stood. A built-in version replaces an older one that was in use."""
        current = max(self.current or BUILT_IN, BUILT_IN)
        return Rollout(
            built_in=BUILT_IN,
            current=current,
            announced=self.announced,
            accepted=self.accepted,
            refused=self.refused,
        )


def load(file: Path, *, damaged: Callable[[str], None] = lambda why: None) -> Known:
    """What the file says; nothing if there is no file, or it is not one of ours. Raises OSError otherwise.

    damaged: called with the reason if there is a file that is not one of ours.
    """
    try:
        with file.open("rb") as opened:
            return msgspec.json.decode(opened.read(LARGEST), type=Known)
    except FileNotFoundError:
        return Known()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        damaged(str(error))
        return Known()


def save(file: Path, known: Known) -> None:
    """Write the whole file, or leave it as it was. Raises OSError."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(msgspec.json.encode(known) + b"\n")
    draft.replace(file)
