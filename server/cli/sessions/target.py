"""The Motte that the commands about sessions talk to: the one on a state folder, or one at a URL."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import click

from server.cli.common.client import Client, Unreachable
from server.cli.serve.endpoints import front_url, given_key, local_key, remote_key
from server.cli.serve.run_state import front_runs
from server.cli.serve.server_identity import not_running, note_sandbox
from server.core.addresses import base_url
from server.core.paths import StateFolder
from server.observability import request_id

URL_RULE = "must begin with https://, or be an http:// URL of this host's loopback"


@dataclass(frozen=True)
class LocalMotte:
    """The Motte on a state folder of this host. It may not run."""

    folder: StateFolder
    key_file: Path | None = None

    #: Follows the name of a session in a question.
    place = ""

    def check_runs(self) -> None:
        """Raises Unreachable if no front runs. Another program may have the last front's address now."""
        if not front_runs(self.folder):
            raise Unreachable(not_running(self.folder))

    def client(self) -> Client:
        """Raises Unreachable, NoKey."""
        self.check_runs()
        return Client(front_url(self.folder), key=given_key(self.key_file) or local_key(self.folder))

    def note_sandbox(self) -> None:
        """Says on standard error if the sessions are the sandbox's."""
        note_sandbox(self.folder)


@dataclass(frozen=True)
class RemoteMotte:
    """A Motte at a URL. Nothing of this host's state folder is sent there."""

    #: Without a slash at its end.
    url: str
    key_file: Path | None = None

    @property
    def place(self) -> str:
        """Follows the name of a session in a question."""
        return f" at {self.url}"

    def check_runs(self) -> None:
        """A request shows whether it does."""

    def client(self) -> Client:
        """Raises NoKey."""
        return Client(self.url, key=remote_key(self.key_file), mark=request_id.HEADER)

    def note_sandbox(self) -> None:
        """The API does not say whether it is a sandbox."""


Target = LocalMotte | RemoteMotte


def stopped_folder(motte: Target) -> StateFolder | None:
    """Returns the state folder of this host if no front runs on it. Raises NotAccessible."""
    return motte.folder if isinstance(motte, LocalMotte) and not front_runs(motte.folder) else None


def checked_url(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    """Validates a URL to which an API key is sent. Raises click.BadParameter."""
    if text is None:
        return None
    try:
        url = base_url(text)
    except ValueError as rule:
        raise click.BadParameter(f"{rule}; it {URL_RULE}") from None
    if urlsplit(url).scheme != "https" and not _is_loopback(urlsplit(url).hostname or ""):
        raise click.BadParameter(f"{URL_RULE}: others could read the API key")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
