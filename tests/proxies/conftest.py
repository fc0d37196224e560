"""A WhatsApp that has a name which only proxies know. Collected if it is asked for: `make proxies`."""

import shutil
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.namespaces import may_unshare
from tests.end_to_end.conftest import phones, sandbox  # noqa: F401  # fixtures
from tests.proxies.programs import NAME, Microsocks, Program, Tinyproxy
from tests.proxies.resolver import Resolver
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve

HERE = Path(__file__).parent

MISSING = "tinyproxy and microsocks are needed (Debian, Ubuntu: apt-get install tinyproxy microsocks)"
NO_NAMESPACES = "unshare is needed, and leave to use it: only the proxies may know the name of WhatsApp"

Started = Callable[..., Any]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only a command line that names this folder, or a file in it, runs these tests."""
    asked = [Path(config.invocation_params.dir, word.partition("::")[0]) for word in config.args]
    return None if any(path.is_relative_to(HERE) for path in asked) else True


@pytest.fixture(scope="session", autouse=True)
def _programs() -> None:
    """Without them these tests fail: to pass them over would look like success."""
    if not (shutil.which("tinyproxy") and shutil.which("microsocks")):
        pytest.exit(MISSING, returncode=1)
    if not may_unshare():
        pytest.exit(NO_NAMESPACES, returncode=1)


@pytest.fixture(scope="session")
def settings() -> dict[str, str]:
    """What the fixture `phones` of the end-to-end tests asks for."""
    return {}


@pytest.fixture
def start(tmp_path: Path) -> Generator[Callable[..., Program]]:
    """Starts a proxy: `start("http", credentials=("ann", "secret"))`."""
    started: list[Program] = []

    def start(scheme: str, **options: Any) -> Program:
        kind = {"http": Tinyproxy, "socks5": Microsocks}[scheme]
        started.append(kind(tmp_path / f"proxy-{len(started)}", **options))
        return started[-1]

    yield start
    for program in started:
        program.stop()
        sys.stdout.write(program.log())


@pytest.fixture
async def resolver() -> AsyncGenerator[Resolver | None]:
    """A name server that `motte` asks; None: this user may not listen where name servers do."""
    async with Resolver.opened() as resolver:
        yield resolver


@pytest.fixture
async def open_motte(
    sandbox: Sandbox,  # noqa: F811  # the fixture
    phones: Phones,  # noqa: F811
    resolver: Resolver | None,
) -> AsyncGenerator[Started]:
    """Opens a Motte that knows WhatsApp by its name: `await open_motte(MOTTE_PROXY=…)`."""
    opened: list[tuple[Serve, Any]] = []

    async def open_motte(**settings: str) -> Motte:
        url = sandbox.settings["MOTTE_WHATSAPP_URL"].replace("127.0.0.1", NAME)
        named = {**sandbox.settings, "MOTTE_WHATSAPP_URL": url, **settings}
        serve = resolver.serve(named) if resolver else Serve(named)
        context = Motte.opened(serve, phones)
        opened.append((serve, context))
        return await context.__aenter__()

    yield open_motte
    for serve, context in opened:
        await context.__aexit__(None, None, None)
        serve.stop()
        sys.stdout.write(serve.logs())
        serve.remove()
