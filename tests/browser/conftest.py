"""Pages as people see them: the whole of Motte on its real parts, and the Chromium of this host."""

import os
import shutil
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.end_to_end.conftest import motte, phones, sandbox, serve, serves  # noqa: F401  # fixtures

HERE = Path(__file__).parent

#: What distributions call it.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

MISSING = (
    "there is no Chromium on this host: install it (Debian, Ubuntu: apt install chromium), "
    "or name one with CHROMIUM=/path/to/chromium"
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only a command line that names this folder, or a file in it, runs these tests."""
    asked = [Path(config.invocation_params.dir, word.partition("::")[0]) for word in config.args]
    return None if any(path.is_relative_to(HERE) for path in asked) else True


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program. Without one these tests fail: to pass them over would look like success."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.exit(MISSING, returncode=1)
    return found


@pytest.fixture(scope="session")
def settings() -> dict[str, str]:
    """Codes change every few seconds, waits are short, and a front that comes back is where it was.

    Consumers of webhooks are on this host.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "MOTTE_LISTEN": f"127.0.0.1:{port}",
        "MOTTE_QR_LIFETIME": "6",
        "MOTTE_QR_MIN_VALIDITY": "1",
        "MOTTE_REFRESH_TIMEOUT": "4",
        "MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1",
    }


@pytest.fixture
async def browser(chromium: str) -> AsyncGenerator[Browser]:
    """One that this test has for itself; Chromium's own sandbox does not work for root."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, chromium_sandbox=os.getuid() != 0
        )
        yield browser
        await browser.close()
