"""Any single file of a state folder is removed while Motte is stopped: no account is lost with it."""

import asyncio
import shutil
import stat
from pathlib import Path

from tests.support.motte import Motte
from tests.support.phones import ANN, BO, Phones

#: Without one of these, Motte cannot know that an account is linked, or cannot log in to it.
#: The file comes back from a backup: until then, nothing may have been discarded.
RECORDS = {"motte.db", "sessions/shop/connector.db", "sessions/other/connector.db"}


async def test_no_account_is_lost_with_a_single_file(mine: Motte) -> None:
    await mine.connect()
    await mine.connect("other", BO)
    await asyncio.to_thread(mine.serve.stop)
    names = files_in(mine.folder.path)
    assert names > RECORDS
    for name in sorted(names):
        await without(mine, name)
    assert await devices(mine.phones) == [ANN, BO]


async def without(mine: Motte, name: str) -> None:
    """Starts Motte without the file, puts it back if it is one of RECORDS, and expects all accounts."""
    file = mine.folder.path / name
    kept = mine.serve.place / "kept"
    shutil.move(file, kept)
    if name in RECORDS:
        await missed(mine, name)
        await asyncio.to_thread(mine.serve.stop)
        for made in file.parent.glob(f"{file.name}*"):
            made.unlink()
        shutil.move(kept, file)
    await mine.ready()
    for session_id, phone in (("shop", ANN), ("other", BO)):
        if session_id == file.parent.name:
            await mine.tell(session_id, "start")
        session = await mine.until("connected", session_id)
        assert session["phoneNumber"] == phone, name
    await asyncio.to_thread(mine.serve.stop)
    assert await devices(mine.phones) == [ANN, BO], name


async def missed(mine: Motte, name: str) -> None:
    """What is said about a missing record; nothing is registered in its place."""
    if name == "motte.db":
        mine.serve.start()
        assert await asyncio.to_thread(mine.serve.exit_code) == 1
        assert "holds the credentials of linked accounts (other, shop)" in mine.serve.logs()
    else:
        await mine.ready()
        failed = await mine.until("failed", name.split("/")[1])
        assert failed["statusReason"]["code"] == "credentials-lost"
        assert failed["phoneNumber"] in (ANN, BO)
    assert await devices(mine.phones) == [ANN, BO]


def files_in(folder: Path) -> set[str]:
    """Paths, relative to the folder, of what is no folder. Node's compile cache counts as one file."""
    found = {
        str(path.relative_to(folder)) for path in folder.rglob("*") if not stat.S_ISDIR(path.lstat().st_mode)
    }
    cache = sorted(name for name in found if name.startswith("cache/"))
    return found - set(cache[1:])


async def devices(phones: Phones) -> list[str]:
    """The numbers of the accounts that have a linked device."""
    return sorted(device["phoneNumber"] for device in (await phones.state())["devices"])
