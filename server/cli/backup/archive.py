"""Archive of a backup: a tar file of databases and keys, with a manifest."""

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Self

import click
import msgspec

from server.cli.backup.manifest import DATABASE, FORMAT, MANIFEST, MEMBER, Manifest, Member

#: A manifest of a hundred thousand sessions has 20 million bytes.
MAX_MANIFEST_BYTES = 100_000_000

#: Members of a backup, its manifest included. A backup has one for each paired session and three more.
MAX_MEMBERS = 100_000

#: Bytes that are held in memory at a time.
BLOCK_BYTES = 1 << 20


class BadArchive(click.ClickException):
    """The file is not a backup, or differs from its manifest. Nothing of it was used."""


def write(
    file: IO[bytes], members: Iterable[tuple[str, bytes | None]], *, version: str, schema: int, created: str
) -> Manifest:
    """Writes a backup, its manifest last. A member whose content is missing (None) is listed as damaged."""
    written: dict[str, Member] = {}
    damaged: list[str] = []
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in members:
            if content is None:
                damaged.append(name)
                continue
            _add(tar, name, content)
            written[name] = Member(len(content), hashlib.sha256(content).hexdigest())
        manifest = Manifest(FORMAT, version, schema, created, written, tuple(damaged))
        _add(tar, MANIFEST, msgspec.json.encode(manifest))
    return manifest


class Archive:
    """A backup that was checked against its manifest."""

    def __init__(self, manifest: Manifest, tar: tarfile.TarFile) -> None:
        self.manifest = manifest
        self._tar = tar

    @classmethod
    def check(cls, file: IO[bytes], *, room: Callable[[Manifest], None]) -> Self:
        """Reads and checks the whole archive. Raises BadArchive.

        room: called before any member is read; raises an error if there is no space for the members.
        """
        try:
            # The caller closes the file.
            tar = tarfile.open(fileobj=file, mode="r:", tarinfo=_PlainFile)  # noqa: SIM115
            members = _named(tar)
            manifest = _manifest(tar, members.pop(MANIFEST, None))
            _compare(members, manifest)
            room(manifest)
            for name, member in members.items():
                for _ in _blocks(tar, member, manifest.members[name]):
                    pass
        except (tarfile.TarError, OSError, ValueError, EOFError) as error:
            raise BadArchive(f"this is not a backup of Motte: {error}") from None
        return cls(manifest, tar)

    def extract(self, folder: Path) -> None:
        """Writes the members into an empty folder. Folders are 0700, because the process's umask is 077."""
        for name, member in self.manifest.members.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch(mode=0o600, exist_ok=False)
            with target.open("wb") as file:
                for block in _blocks(self._tar, self._tar.getmember(name), member):
                    file.write(block)


class _PlainFile(tarfile.TarInfo):
    """Refuses other members before tarfile allocates what a long name or a sparse map claims to need."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Called by tarfile for each header. Raises BadArchive."""
        member = super().frombuf(buf, encoding, errors)
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BadArchive(f"{member.name!r} in the backup is not a plain file")
        if member.size < 0:
            # tarfile of Python before 3.11.14 steps back by that size, and reads the same header for ever.
            raise BadArchive(f"{member.name!r} in the backup has a negative size")
        return member


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _named(members: Iterable[tarfile.TarInfo]) -> dict[str, tarfile.TarInfo]:
    """Returns the members by name. Only known names are allowed, so that none leads out of the folder.

    Each member is checked before the next header is read: a long archive of rubbish is not read whole.
    """
    named: dict[str, tarfile.TarInfo] = {}
    for member in members:
        if member.name != MANIFEST and MEMBER.fullmatch(member.name) is None:
            raise BadArchive(f"{member.name!r} does not belong in a backup")
        if member.name in named:
            raise BadArchive(f"{member.name} is in the backup twice")
        if len(named) == MAX_MEMBERS:
            raise BadArchive(f"the backup holds more than {MAX_MEMBERS} files")
        named[member.name] = member
    return named


def _manifest(tar: tarfile.TarFile, member: tarfile.TarInfo | None) -> Manifest:
    if member is None or member.size > MAX_MANIFEST_BYTES:
        raise BadArchive("this is not a backup of Motte: it has no manifest")
    file = tar.extractfile(member)
    try:
        manifest = msgspec.json.decode(file.read() if file else b"", type=Manifest)
    except msgspec.DecodeError as error:
        raise BadArchive(f"the manifest of the backup cannot be read: {error}") from None
    if manifest.format != FORMAT:
        raise BadArchive(f"the backup has format {manifest.format}, this Motte knows {FORMAT}: update Motte")
    for name in manifest.damaged:
        if not name.startswith("sessions/") or MEMBER.fullmatch(name) is None:
            raise BadArchive(f"{name!r} does not belong in a backup")
    return manifest


def _compare(members: dict[str, tarfile.TarInfo], manifest: Manifest) -> None:
    if members.keys() != manifest.members.keys() or DATABASE not in members:
        odd = sorted(members.keys() ^ manifest.members.keys()) or [DATABASE]
        raise BadArchive(f"the backup does not hold what its manifest says: {odd[0]}")
    for name, member in members.items():
        if member.size != manifest.members[name].size:
            raise BadArchive(f"{name} in the backup is damaged")


def _blocks(tar: tarfile.TarFile, member: tarfile.TarInfo, promised: Member) -> Iterator[bytes]:
    """Yields the content in blocks. Raises BadArchive at the end if it differs from the manifest."""
    digest, size = hashlib.sha256(), 0
    file = tar.extractfile(member)
    while file is not None and (block := file.read(BLOCK_BYTES)):
        digest.update(block)
        size += len(block)
        yield block
    if size != promised.size or digest.hexdigest() != promised.sha256:
        raise BadArchive(f"{member.name} in the backup is damaged")
