"""A connector that somebody has taken over, as supervisord starts it with real Node."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from server.cli.serve.launch import NODE
from server.isolation import landlock
from server.isolation.confinement import Offered
from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import STAND_INS
from tests.supervisor_plugin.test_spares import spare

#: What fails without isolation too: there is no such file to load. The error says whether it was tried.
NATIVE_CODE = "load native code"
#: All that a connector needs.
OWN = "write its own folder"

here = Offered.here()
needs_both = pytest.mark.skipif(
    here.landlock < landlock.SCOPES_SINCE or not here.filters_calls, reason="this kernel cannot isolate all"
)


async def tried(new_rig: NewRig, isolation: str, *, spares: int = 0) -> dict[str, Any]:
    """What a hostile connector could do, and which variables it saw. spares: 1 if it was a warm spare."""
    rig = new_rig(connector_command=f'"{NODE}" connector/hostile.js'.replace("%", "%%"))
    rig.environment |= {
        "MOTTE_CONNECTOR_ISOLATION": isolation,
        "MOTTE_WARM_SPARES": str(spares),
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    shutil.copy(STAND_INS / "hostile.js", rig.root / "connector" / "hostile.js")
    (rig.root / "connector" / "package.json").write_text('{"type": "module"}')
    furnish(rig.folder.path)
    await rig.start()
    session, _ = rig.session("shop"), rig.session("other")
    (rig.folder.session("other").path / "connector.db").write_text("secret")
    (rig.folder.path / "cache" / "front.pid").write_text(await rig.ctl("pid", "front"))
    rig.folder.spares.mkdir(exist_ok=True)
    before = [(await spare(rig)).pid for _ in range(spares)]
    program = await rig.supervisor.start("shop")
    if spares:
        assert [program.pid] == before
        session.reopen()
    return await session.events.next(event="tried")


def furnish(state: Path) -> None:
    """Puts into a state folder what a connector must not touch."""
    with sqlite3.connect(state / "motte.db") as database:
        database.execute("CREATE TABLE keys (id)")
    (state / "admin.key").write_text("secret")
    (state / "cache").mkdir()


@needs_both
@pytest.mark.parametrize("spares", [0, 1], ids=["started for its session", "a spare before"])
async def test_an_isolated_connector_reaches_its_own_folder_alone(new_rig: NewRig, spares: int) -> None:
    said = await tried(new_rig, "on", spares=spares)
    outcomes = said["found"]
    assert {name for name, outcome in outcomes.items() if outcome == "done"} == {OWN}
    assert outcomes[NATIVE_CODE] == "ERR_DLOPEN_DISABLED"
    assert outcomes["call supervisord"] == "EAFNOSUPPORT"
    assert "AWS_SECRET_ACCESS_KEY" not in said["seen"]


async def test_without_isolation_a_connector_reaches_everything_but_the_environment(new_rig: NewRig) -> None:
    said = await tried(new_rig, "off")
    outcomes = said["found"]
    assert {name for name, outcome in outcomes.items() if outcome != "done"} == {NATIVE_CODE}
    assert outcomes[NATIVE_CODE] == "ERR_DLOPEN_FAILED"
    assert "AWS_SECRET_ACCESS_KEY" not in said["seen"]
