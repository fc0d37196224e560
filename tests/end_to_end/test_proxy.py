"""A password of a proxy stays with its owner, whatever happens to the sessions that go through it."""

import re
import sys
from pathlib import Path

from server.cli.sandbox.gateway import processes_of
from tests.end_to_end.test_secrets import told_at_its_start
from tests.support.files import holders
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.proxy import FakeProxy
from tests.support.serve import Serve
from tests.support.shell import printed, started

#: No resolver knows it (RFC 6761): only the proxy leads there.
NAME = "whatsapp.invalid"
PASSWORDS = ("s3cr3t-of-the-host", "s3cr3t-of-the-session")


async def test_a_proxys_password_is_in_the_database_and_with_the_front_and_nowhere_else(
    sandbox: Sandbox, phones: Phones, tmp_path: Path
) -> None:
    url = sandbox.settings["MOTTE_WHATSAPP_URL"]
    to = ("127.0.0.1", int(url.partition("//")[2].partition("/")[0].rpartition(":")[2]))
    async with (
        FakeProxy("http", to=to, credentials=("ann", PASSWORDS[0])) as of_host,
        FakeProxy("socks5", to=to, credentials=("ann", PASSWORDS[1])) as own,
    ):
        settings = {"MOTTE_WHATSAPP_URL": url.replace("127.0.0.1", NAME), "MOTTE_PROXY": of_host.url}
        serve = Serve({**sandbox.settings, **settings})
        try:
            async with Motte.opened(serve, phones) as motte:
                await motte.connect()
                assert of_host.asked == [f"{NAME}:{to[1]}"] * 2
                answer = await motte.ask("PATCH", "/sessions/shop", json={"proxy": own.url})
                assert answer.session()["proxy"] == f"socks5://{own.address}"
                await own.carries(1)
                await motte.until("connected")
                own.cut()
                await own.carries(2)
                await motte.until("connected")
                assert own.asked == [f"{NAME}:{to[1]}"] * 2
                backup = tmp_path / "motte.backup"
                said = [
                    await printed(await started(serve, tmp_path, "env", "-u", "API_URL", "motte", *words))
                    for words in (
                        ("doctor",),
                        ("sessions", "show", "shop", "--output", "json"),
                        ("backup", str(backup)),
                    )
                ]
                assert f"socks5://{own.address}" in said[1]
                assert f"sessions connect through http://{of_host.address}; 1 with a proxy" in said[0]
                for password in PASSWORDS:
                    assert password not in "".join(said)
                    assert holders(serve.place, password) <= {"motte.db", "motte.db-wal"}
                _assert_no_connector_knows(motte, await motte.pid())
        finally:
            serve.stop()
            sys.stdout.write(serve.logs())
            serve.remove()


def _assert_no_connector_knows(motte: Motte, of_session: int) -> None:
    """Neither the connector of the session, which is this process, nor a warm spare."""
    lines = {process: Path(f"/proc/{process}/cmdline").read_bytes() for process in processes_of(motte.folder)}
    program = re.compile(rb"connector/(bundle/)?main\.c?js")
    connectors = [process for process, line in lines.items() if program.search(line)]
    assert of_session in connectors
    for process in connectors:
        told = told_at_its_start(process)
        assert b"_PROXY=" not in told.upper()
    for password in PASSWORDS:
        assert not any(password.encode() in line for line in lines.values())
