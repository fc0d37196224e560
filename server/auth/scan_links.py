"""Signed links that show the codes of one session for a limited time, without an API key."""

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
from typing import Self

from server.core.clock import Clock
from server.core.errors import LinkExpired, LinkInvalid, LinkUsed
from store.errors import StoreUnavailable
from store.files import read_regular
from store.ports.sessions import SessionStore
from store.records.sessions import Session

#: Bytes of the key and of a signature.
SIGNATURE_BYTES = 32

#: The beginning of what is signed: text that this key signs for another purpose is never a valid link.
PURPOSE = b"motte scan link 3\n"

#: The same of version 0.1.0, whose links have no moment of the boot clock: for them wall time decides.
PURPOSE_0_1_0 = b"motte scan link 2\n"

#: The longest time that a link may be valid.
MAX_LIFETIME_SECONDS = 86_400

#: Bytes of the digest of a boot's id.
_BOOT_BYTES = 8

#: Three timestamps, 0 for None; the session's id follows.
_HEAD_0_1_0 = struct.Struct("!QQQ")

#: Three timestamps, 0 for None, and the boot clock with its boot; the session's id follows.
_HEAD = struct.Struct(f"!QQQd{_BOOT_BYTES}s")


@dataclass(frozen=True, slots=True)
class ScanLink:
    """The content of a link. Timestamps are milliseconds since 1970."""

    session_id: str
    #: The session's `created_at`: a later session with the same id is another session.
    created_at: int
    #: The session's `linked_at` when the link was made: a later linking uses the link up.
    linked_at: int | None
    expires_at: int
    #: The same moment on the boot clock, in seconds: it decides until the host boots again.
    until: float
    #: Digest of the id of that boot.
    boot: bytes

    @classmethod
    def to(cls, session: Session, clock: Clock, *, lifetime: float) -> Self:
        """Returns a link to the session that is valid for so many seconds."""
        return cls(
            session.id,
            session.created_at,
            session.linked_at,
            expires_at=clock.wall() + round(lifetime * 1000),
            until=clock.boot() + lifetime,
            boot=_boot(clock),
        )

    def left(self, clock: Clock) -> float:
        """Returns the seconds until the link expires; 0 or less after that.

        After a reboot wall time decides. A link that would last longer than any can has expired: the wall
        clock was set back.
        """
        if self.boot == _boot(clock):
            return self.until - clock.boot()
        left = (self.expires_at - clock.wall()) / 1000
        return left if left <= MAX_LIFETIME_SECONDS else 0.0

    def is_for(self, session: Session) -> bool:
        """Whether the link was made for this session, not for an earlier session with the same id."""
        return (self.session_id, self.created_at) == (session.id, session.created_at)

    def is_used(self, session: Session) -> bool:
        """Whether the account was linked after the link was made. A logout does not make it valid again.

        Compares for equality only: the clock may have been set back in between.
        """
        return self.linked_at != session.linked_at

    async def session(self, sessions: SessionStore, clock: Clock) -> Session:
        """Returns the session of the link while the link is valid. Raises LinkExpired, LinkUsed."""
        session = await sessions.get(self.session_id)
        if session is None or not self.is_for(session) or self.left(clock) <= 0:
            raise LinkExpired
        if self.is_used(session):
            raise LinkUsed
        return session


class ScanLinks:
    """Signs links and verifies them."""

    def __init__(self, path: Path) -> None:
        """path: the file of the signing key; it is made when it is first needed."""
        self._path = path

    def write(self, link: ScanLink) -> str:
        """Returns the token of a link, which fits into an address. Raises StoreUnavailable."""
        moments = _HEAD.pack(link.created_at, link.linked_at or 0, link.expires_at, link.until, link.boot)
        body = moments + link.session_id.encode()
        return _text(self._signature(body, PURPOSE) + body)

    def read(self, text: str) -> ScanLink:
        """Returns the content of a token, expired or not. Raises LinkInvalid, StoreUnavailable."""
        signed = _bytes(text)
        signature, body = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
        if hmac.compare_digest(signature, self._signature(body, PURPOSE_0_1_0)):
            created_at, linked_at, expires_at = _HEAD_0_1_0.unpack_from(body)
            session_id = body[_HEAD_0_1_0.size :].decode()
            return ScanLink(session_id, created_at, linked_at or None, expires_at, until=0, boot=b"")
        if not hmac.compare_digest(signature, self._signature(body, PURPOSE)):
            raise LinkInvalid
        created_at, linked_at, expires_at, until, boot = _HEAD.unpack_from(body)
        session_id = body[_HEAD.size :].decode()
        return ScanLink(session_id, created_at, linked_at or None, expires_at, until, boot)

    def _signature(self, body: bytes, purpose: bytes) -> bytes:
        return hmac.digest(self._key, purpose + body, hashlib.sha256)

    @cached_property
    def _key(self) -> bytes:
        try:
            if not self._path.exists():
                _make(self._path)
            key = read_regular(self._path)
        except OSError as error:
            raise StoreUnavailable(f"the key that signs links cannot be used: {error}") from error
        if len(key) != SIGNATURE_BYTES:
            raise StoreUnavailable(f"{self._path.name} in the state folder is damaged: remove it")
        return key


def _boot(clock: Clock) -> bytes:
    return hashlib.sha256(clock.boot_id.encode()).digest()[:_BOOT_BYTES]


def _make(path: Path) -> None:
    """Writes the whole file or nothing. If another front was faster, its key is used."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(secrets.token_bytes(SIGNATURE_BYTES))
            file.flush()
            os.fsync(number)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _text(signed: bytes) -> str:
    return urlsafe_b64encode(signed).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Accepts only the canonical text of the bytes. Raises LinkInvalid."""
    try:
        signed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise LinkInvalid from None
    if _text(signed) != text or len(signed) <= SIGNATURE_BYTES + _HEAD_0_1_0.size:
        raise LinkInvalid
    return signed
