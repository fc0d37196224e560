"""tinyproxy and microsocks, each on a free port of the loopback, in a mount namespace of its own.

There `/etc/hosts` has a name for the loopback that no other process of this host can look up: whatever
reaches the simulated WhatsApp by that name has gone through the proxy.
"""

import os
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from functools import partial
from pathlib import Path

from server.core.parent_death import die_with
from tests.deploy.namespaces import UNSHARE

#: Of the simulated WhatsApp. Top-level domain for tests (RFC 6761).
NAME = "whatsapp.test"

#: Seconds until a proxy listens.
PATIENCE = 10.0

WITH_HOSTS = 'mount --bind "$0" /etc/hosts && exec "$@"'


class Program(ABC):
    """One proxy. It can be stopped, started again on the same port, and frozen."""

    scheme: str

    def __init__(self, folder: Path, *, credentials: tuple[str, str] | None = None) -> None:
        self.credentials = credentials
        self._folder = folder
        folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.start()

    @property
    def shown(self) -> str:
        """Its URL without credentials."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        credentials = f"{':'.join(self.credentials)}@" if self.credentials else ""
        return self.shown.replace("://", f"://{credentials}")

    def start(self) -> None:
        """Returns once it listens."""
        hosts = self._folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {NAME}\n")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*UNSHARE, "--mount", "sh", "-c", WITH_HOSTS, str(hosts), *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(die_with, os.getpid()),
            )
        deadline = time.monotonic() + PATIENCE
        while not self._listens():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def stop(self) -> None:
        """Its connections are cut."""
        self._process.kill()
        self._process.wait()

    def send(self, signal: int) -> None:
        """Freeze it with SIGSTOP, let it go on with SIGCONT."""
        self._process.send_signal(signal)

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def carried(self) -> int:
        """How many connections to WhatsApp it was asked for, by name."""
        return self.log().count(f"{self.asked}{NAME}:")

    #: What stands before the name in its log.
    asked: str

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it."""

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


class Tinyproxy(Program):
    """An HTTP proxy: CONNECT."""

    scheme = "http"
    asked = "CONNECT "

    def command(self) -> list[str]:
        options = [f"Port {self.port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "LogLevel Connect"]
        if self.credentials:
            options.append("BasicAuth {} {}".format(*self.credentials))
        configuration = self._folder / "tinyproxy.conf"
        configuration.write_text("\n".join([*options, "Timeout 600", "MaxClients 100"]) + "\n")
        return ["tinyproxy", "-d", "-c", str(configuration)]


class Microsocks(Program):
    """A SOCKS5 proxy."""

    scheme = "socks5"
    asked = "connected to "

    def command(self) -> list[str]:
        login = ["-u", self.credentials[0], "-P", self.credentials[1]] if self.credentials else []
        return ["microsocks", "-i", "127.0.0.1", "-p", str(self.port), *login]
