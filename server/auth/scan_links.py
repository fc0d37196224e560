"""Links that let whoever has them do one thing with one session, for a while, without an API key."""

import hashlib
import hmac
import os
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from server.core.errors import LinkInvalid
from store.errors import StoreUnavailable

#: Bytes of the key and of a signature.
SIZE = 32

#: Signed before everything else, so that nothing that this key signs for another purpose is taken for a link.
PURPOSE = b"motte scan link 2\n"

#: Three moments, 0 for one that there is not; then the session's id.
_HEAD = struct.Struct("!QQQ")


@dataclass(frozen=True, slots=True)
class ScanLink:
    """What a link says. Moments are milliseconds since 1970."""

    session_id: str
    #: The session's: one that has the same id later is another.
    created_at: int
    #: The session's, when the link was made: what is linked after that has used the link up.
    linked_at: int | None
    expires_at: int


class ScanLinks:
    """Writes links that nobody else can, and reads them."""

    def __init__(self, path: Path) -> None:
        """path: the file of the key, made when it is first needed."""
        self._path = path

    def write(self, link: ScanLink) -> str:
        """A text that fits into an address. Raises StoreUnavailable."""
        moments = _HEAD.pack(link.created_at, link.linked_at or 0, link.expires_at)
        body = moments + link.session_id.encode()
        return _text(self._signature(body) + body)

    def read(self, text: str) -> ScanLink:
        """What the link says, whether that still holds or not. Raises LinkInvalid, StoreUnavailable."""
        signed = _bytes(text)
        signature, body = signed[:SIZE], signed[SIZE:]
        if not hmac.compare_digest(signature, self._signature(body)):
            raise LinkInvalid
        created_at, linked_at, expires_at = _HEAD.unpack_from(body)
        return ScanLink(body[_HEAD.size :].decode(), created_at, linked_at or None, expires_at)

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self._key, PURPOSE + body, hashlib.sha256)

    @cached_property
    def _key(self) -> bytes:
        try:
            if not self._path.exists():
                _make(self._path)
            key = self._path.read_bytes()
        except OSError as error:
            raise StoreUnavailable(f"the key of links cannot be used: {error}") from error
        if len(key) != SIZE:
            raise StoreUnavailable(f"{self._path.name} in the state folder is damaged: remove it")
        return key


def _make(path: Path) -> None:
    """Whole or not at all; where another front is faster, its key stands."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(secrets.token_bytes(SIZE))
            file.flush()
            os.fsync(number)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _text(signed: bytes) -> str:
    return urlsafe_b64encode(signed).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Only the one text that stands for these bytes is theirs. Raises LinkInvalid."""
    try:
        signed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise LinkInvalid from None
    if _text(signed) != text or len(signed) <= SIZE + _HEAD.size:
        raise LinkInvalid
    return signed
