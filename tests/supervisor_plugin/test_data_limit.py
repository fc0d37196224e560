"""What a connector may use of the host's memory, V8's heap or not."""

import resource
import signal
import subprocess
from configparser import RawConfigParser
from functools import partial
from pathlib import Path

from server.cli.serve.launch import NODE
from server.cli.serve.node_start import NodeStart
from server.core.settings.model import Settings
from server.supervisor_plugin.data_limit import FACTOR, MIB, data_limit, limit_data
from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import PROJECT, Rig

COMMAND = (str(NODE), "--max-semi-space-size=1", "--max-old-space-size=256", "connector/main.js")

#: MiB of the setting in the test with a real Node, and of a bare Node.
SMALL = 40
BARE = 45

#: Uses memory outside of the heap until there is no more, and says how many bytes are resident.
GREEDY = """
const kept = []
for (;;) {
  kept.push(Buffer.alloc(1 << 20, 1))
  fs.writeSync(1, process.memoryUsage.rss() + '\\n')
}
"""

LIMIT_OF_HEAP = "v8.getHeapStatistics().heap_size_limit"

#: Fills the heap until there is no more, and says how many bytes are used.
GROWING = """
const kept = []
for (;;) {
  kept.push(Array.from({ length: 1 << 16 }, (_, n) => [n]))
  fs.writeSync(1, process.memoryUsage().heapUsed + '\\n')
}
"""


def test_the_limit_is_twice_the_setting_above_what_node_reserves() -> None:
    assert data_limit(500 * MIB, 256) == (500 + 2 * 256) * MIB


def test_without_what_node_reserves_there_is_no_limit() -> None:
    assert data_limit(0, 256) is None


def test_node_uses_no_more_than_that_outside_of_its_heap_either() -> None:
    with NodeStart.begun(Settings(state=Path("/srv/motte"), connector_memory=SMALL)) as node:
        limit = data_limit(node.reserved_bytes() or 0, SMALL)
    assert limit is not None
    ended = subprocess.run(
        [*COMMAND[:-1], "--eval", GREEDY],
        capture_output=True,
        preexec_fn=partial(limit_data, limit),
        timeout=20,
    )
    assert ended.returncode in (1, -signal.SIGABRT, -signal.SIGTRAP)
    *_, peak = map(int, ended.stdout.split())
    assert (BARE + SMALL) * MIB < peak < (BARE + FACTOR * SMALL + 20) * MIB


async def test_a_connector_has_twice_its_memory_and_is_started_again_beyond_it(new_rig: NewRig) -> None:
    rig = await new_rig(memory="160").start()
    shop = await rig.started("shop")
    [pid] = [program.pid for program in await rig.supervisor.list()]
    limit, hard = resource.prlimit(pid or 0, resource.RLIMIT_DATA)
    assert limit == hard
    assert FACTOR * 160 * MIB < limit < (FACTOR * 160 + 100) * MIB
    assert await shop.ask("allocate 200") == 200
    shop.order("allocate 450")
    await rig.notices.next(state="BACKOFF")
    assert (await shop.events.next(event="up"))["pid"] != pid


def test_the_heap_of_a_connector_has_the_memory_of_the_setting() -> None:
    config = RawConfigParser()
    config.read(PROJECT / "supervisord.conf")
    command = config["rpcinterface:motte"]["connector_command"]
    assert "--max-old-space-size=%(ENV_MOTTE_CONNECTOR_MEMORY)s" in command


def test_a_heap_grows_to_its_limit_and_node_ends_beyond_it() -> None:
    node = [*COMMAND[:2], f"--max-old-space-size={SMALL}"]
    asked = subprocess.run([*node, "--print", LIMIT_OF_HEAP], capture_output=True, check=True, timeout=20)
    limit = int(asked.stdout)
    assert SMALL * MIB <= limit < (SMALL + 8) * MIB  # new objects have a place of their own
    ended = subprocess.run([*node, "--eval", GROWING], capture_output=True, timeout=20)
    assert ended.returncode == -signal.SIGABRT
    *_, peak = map(int, ended.stdout.split())
    assert 0.8 * SMALL * MIB < peak <= limit


async def test_a_lower_limit_of_the_host_stays(rig: Rig) -> None:
    lower = 300 * MIB
    resource.prlimit(rig.process.pid, resource.RLIMIT_DATA, (lower, lower))
    await rig.started("shop")
    [pid] = [program.pid for program in await rig.supervisor.list()]
    assert resource.prlimit(pid or 0, resource.RLIMIT_DATA) == (lower, lower)
