"""How supervisord's children are started, and how they end with it."""

import signal

from server.isolation.environment import VARIABLES
from server.supervisor_plugin.connector_program import MALLOC
from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import Rig, gone


async def test_kill_9_of_supervisord_leaves_no_child_behind(rig: Rig) -> None:
    await rig.started("shop")
    children = [pid for pid in rig.running() if pid != rig.process.pid]
    assert len(children) == 3
    rig.process.kill()
    for pid in children:
        await gone(pid)


async def test_a_restarted_child_dies_with_supervisord_too(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order("exit 75")
    await shop.events.next(event="up")
    await rig.ctl("restart", "front")
    children = [pid for pid in rig.running() if pid != rig.process.pid]
    assert len(children) == 3
    rig.process.kill()
    for pid in children:
        await gone(pid)


async def test_no_child_sees_the_api_key_and_each_sees_the_state_folder(rig: Rig) -> None:
    shop = await rig.started("shop")
    environment = await shop.ask("environment")
    assert "MOTTE_API_KEY" not in environment
    assert environment["MOTTE_STATE"] == str(rig.folder.path)
    assert MALLOC.items() <= environment.items()
    for name in ("front", "sandbox"):
        seen = rig.environment_of(int(await rig.ctl("pid", name)))
        assert "MOTTE_API_KEY" not in seen
        assert seen["MOTTE_STATE"] == str(rig.folder.path)


async def test_a_connector_sees_few_variables_of_the_host_and_not_where_supervisord_listens(
    new_rig: NewRig,
) -> None:
    rig = new_rig()
    rig.environment |= {"AWS_SECRET_ACCESS_KEY": "secret", "NODE_EXTRA_CA_CERTS": "/srv/ca.pem"}
    shop = await (await rig.start()).started("shop")
    environment = await shop.ask("environment")
    own = {"SUPERVISOR_ENABLED", "SUPERVISOR_GROUP_NAME", "SUPERVISOR_PROCESS_NAME", "TMPDIR", *MALLOC}
    of_stand_in = {"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}  # a shell, then Python
    assert environment.keys() - own - of_stand_in <= VARIABLES
    assert environment["NODE_EXTRA_CA_CERTS"] == "/srv/ca.pem"


async def test_a_child_inherits_three_descriptors(rig: Rig) -> None:
    shop = await rig.started("shop")
    assert await shop.ask("files") == [0, 1, 2]


async def test_files_of_a_child_are_readable_by_their_owner_only(rig: Rig) -> None:
    shop = await rig.started("shop")
    assert await shop.ask("umask") == 0o077
    for log in ("front.log", "connector-shop.log"):
        assert (rig.folder.logs / log).stat().st_mode & 0o077 == 0


async def test_a_child_starts_with_no_signal_blocked(rig: Rig) -> None:
    shop = await rig.started("shop")
    blocked = int((await shop.ask("signals"))["SigBlk"], 16)
    ignored = int((await shop.ask("signals"))["SigIgn"], 16)
    assert blocked == 0
    assert not ignored & 1 << (signal.SIGTERM - 1)
