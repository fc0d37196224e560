"""A backup that is not as it was made is refused as a whole."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.cli.backup import archive
from server.cli.backup.restore import RESERVED_BYTES
from server.core.paths import StateFolder
from tests.cli.conftest import Run

Content = dict[str, bytes]


def content(file: Path) -> Content:
    with tarfile.open(file) as tar:
        found = {member.name: tar.extractfile(member) for member in tar}
        return {name: member.read() for name, member in found.items() if member}


def forged(file: Path, *members: tarfile.TarInfo, content: bytes = b"x") -> None:
    """A tar of these members, each with the same content."""
    with tarfile.open(file, "w") as tar:
        for member in members:
            is_file = member.type in tarfile.REGULAR_TYPES
            member.size = len(content) if is_file else 0
            tar.addfile(member, io.BytesIO(content) if is_file else None)


def claiming(file: Path, size: int, *, kind: bytes = tarfile.REGTYPE) -> None:
    """A sparse backup, small on the disk, whose record claims to have that size."""
    record = {"size": size, "sha256": hashlib.sha256(b"").hexdigest()}
    manifest = {"format": 1, "version": "0", "schema": 1, "created": "", "members": {"motte.db": record}}
    text = json.dumps(manifest).encode()
    with file.open("wb") as tar:
        for info, claimed in ((member("motte.db", kind), size), (member("manifest.json"), len(text))):
            info.size = claimed
            tar.write(info.tobuf(tarfile.GNU_FORMAT))
            body = tar.tell()
            tar.write(text if info.name == "manifest.json" else b"")
            tar.seek(body + -(-claimed // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE)
        tar.write(bytes(2 * tarfile.BLOCKSIZE))


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize(
    "name",
    [
        "../motte.db",
        "/etc/motte.db",
        "sessions/../../x/connector.db",
        "sessions/./connector.db",
        "sessions/shop/lock",
        "sessions/shop/connector.db\n",
        "front.json",
        "sessions/a/b/connector.db",
    ],
)
def test_a_member_that_leads_out_of_the_folder_is_refused(
    run: Run, other: StateFolder, file: Path, name: str
) -> None:
    forged(file, member(name))
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 1
    assert "does not belong in a backup" in result.stderr
    assert not other.path.exists()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_a_member_that_is_not_a_plain_file_is_refused(
    run: Run, other: StateFolder, file: Path, kind: bytes
) -> None:
    forged(file, member("motte.db", kind, "/etc/passwd"))
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 1
    assert "is not a plain file" in result.stderr
    assert not other.path.exists()


def test_a_member_that_comes_twice_is_refused(run: Run, other: StateFolder, file: Path) -> None:
    forged(file, member("motte.db"), member("motte.db"))
    assert "is in the backup twice" in run("restore", str(file), "--state", str(other.path)).stderr


@pytest.mark.parametrize("size", [-512, -1, -(1 << 60)])
def test_a_member_of_negative_size_is_refused(run: Run, other: StateFolder, file: Path, size: int) -> None:
    empty, backwards = member("motte.db"), member("admin.key")
    empty.size, backwards.size = 0, size
    headers = (info.tobuf(tarfile.GNU_FORMAT) for info in (empty, backwards))
    file.write_bytes(b"".join(headers) + bytes(2 * tarfile.BLOCKSIZE))
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 1
    assert "has a negative size" in result.stderr
    assert not other.path.exists()


def test_a_backup_holds_up_to_a_number_of_files(
    run: Run, other: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    forged(file, *(member(f"sessions/s{number}/connector.db") for number in range(3)))
    assert "it has no manifest" in run("restore", str(file), "--state", str(other.path)).stderr
    forged(file, *(member(f"sessions/s{number}/connector.db") for number in range(4)))
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 1
    assert "holds more than 3 files" in result.stderr


def test_headers_after_one_that_is_refused_are_not_read(run: Run, other: StateFolder, file: Path) -> None:
    forged(file, member("motte.db"), member("motte.db"), member("pipe", tarfile.FIFOTYPE))
    assert "is in the backup twice" in run("restore", str(file), "--state", str(other.path)).stderr


def test_a_named_pipe_is_refused_unopened(run: Run, other: StateFolder, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = run("restore", str(pipe), "--state", str(other.path))
    assert result.exit_code == 1
    assert "is not a regular file" in result.stderr
    assert not other.path.exists()


def rewritten(file: Path, change: Callable[[Content, Any], None]) -> None:
    """The same backup with other content; the manifest stays unless `change` changes it."""
    members = content(file)
    manifest = json.loads(members.pop("manifest.json"))
    change(members, manifest)
    with tarfile.open(file, "w") as tar:
        for name, text in {**members, "manifest.json": json.dumps(manifest).encode()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))


def _flip(members: Content, manifest: Any) -> None:
    members["motte.db"] = members["motte.db"][:-1] + b"\x55"


def _shorten(members: Content, manifest: Any) -> None:
    members["motte.db"] = members["motte.db"][:-4096]


def _lose(members: Content, manifest: Any) -> None:
    del members["sessions/shop/connector.db"]


def _add(members: Content, manifest: Any) -> None:
    members["sessions/other/connector.db"] = b""


def _later_format(members: Content, manifest: Any) -> None:
    manifest["format"] = 2


def _later_schema(members: Content, manifest: Any) -> None:
    manifest["schema"] = 99


def _damaged_elsewhere(members: Content, manifest: Any) -> None:
    manifest["damaged"] = ["sessions/\x1b[2J/connector.db"]


def _no_database(members: Content, manifest: Any) -> None:
    members["motte.db"] = text = b"no database " * 1000
    manifest["members"]["motte.db"] = {"size": len(text), "sha256": hashlib.sha256(text).hexdigest()}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_flip, "motte.db in the backup is damaged"),
        (_shorten, "motte.db in the backup is damaged"),
        (_lose, "does not hold what its manifest says: sessions/shop/connector.db"),
        (_add, "does not hold what its manifest says: sessions/other/connector.db"),
        (_damaged_elsewhere, "does not belong in a backup"),
        (_later_format, "update Motte"),
        (_later_schema, "update Motte"),
        (_no_database, "nothing was restored"),
    ],
)
def test_a_backup_that_was_changed_is_refused_and_nothing_written(
    run: Run,
    motte: StateFolder,
    other: StateFolder,
    file: Path,
    change: Callable[[Content, Any], None],
    told: str,
) -> None:
    run("backup", str(file))
    rewritten(file, change)
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 1
    assert told in result.stderr
    assert not other.database.exists()


@pytest.mark.parametrize("text", [b"", b"no tar at all" * 1000, b"\0" * 10_240])
def test_a_file_that_is_not_a_backup_is_refused(
    run: Run, other: StateFolder, file: Path, text: bytes
) -> None:
    file.write_bytes(text)
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 1
    assert "this is not a backup of Motte" in result.stderr


def test_a_backup_that_was_cut_off_is_reported(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    run("backup", str(file))
    file.write_bytes(file.read_bytes()[:20_000])
    assert run("restore", str(file), "--state", str(other.path)).exit_code == 1


def test_a_backup_that_claims_more_than_there_is_room_for_is_refused_unread(
    run: Run, other: StateFolder, file: Path
) -> None:
    claiming(file, 1 << 42)
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 1
    assert "there is no room" in result.stderr
    assert not other.path.exists()


def test_a_backup_needs_its_size_and_ten_mebibytes_of_free_space(
    run: Run, motte: StateFolder, other: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(file))
    size = sum(len(member) for name, member in content(file).items() if name != "manifest.json")
    usage = shutil.disk_usage(file.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=size + RESERVED_BYTES - 1))
    assert "there is no room" in run("restore", str(file), "--state", str(other.path)).stderr
    assert not other.path.exists()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=size + RESERVED_BYTES))
    assert run("restore", str(file), "--state", str(other.path)).exit_code == 0


def test_a_manifest_has_a_largest_size(
    run: Run, motte: StateFolder, other: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(file))
    size = len(content(file)["manifest.json"])
    monkeypatch.setattr(archive, "MAX_MANIFEST_BYTES", size - 1)
    assert "it has no manifest" in run("restore", str(file), "--state", str(other.path)).stderr
    assert not other.path.exists()
    monkeypatch.setattr(archive, "MAX_MANIFEST_BYTES", size)
    assert run("restore", str(file), "--state", str(other.path)).exit_code == 0


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_SPARSE])
def test_members_that_tarfile_would_read_by_itself_are_refused_unread(
    run: Run, other: StateFolder, file: Path, kind: bytes
) -> None:
    claiming(file, 1 << 42, kind=kind)
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 1
    assert "is not a plain file" in result.stderr


def test_a_large_member_is_never_in_memory_as_a_whole(run: Run, other: StateFolder, file: Path) -> None:
    claiming(file, 64 * archive.BLOCK_BYTES)
    tracemalloc.start()
    try:
        result = run("restore", str(file), "--state", str(other.path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "motte.db in the backup is damaged" in result.stderr
    assert peak < 16 * archive.BLOCK_BYTES
