"""A browser with one page open, and what somebody before it sees."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Error, Page, expect

from tests.support.scanner import codes_in

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"

#: Width and height in pixels.
PHONE = (390, 844)
SMALLEST = (320, 568)
DESKTOP = (1280, 800)

#: Milliseconds that a change of the page has: codes live for seconds, and the machine may be busy.
PATIENCE = 30_000

#: Seconds between two looks.
LOOK_AGAIN = 0.1

expect.set_options(timeout=PATIENCE)


@dataclass
class Screen:
    """What a test looks at."""

    page: Page
    #: What went wrong in the page, as its console has it.
    complaints: list[str] = field(default_factory=list)

    async def state(self, *states: str) -> None:
        """Return once the page is in one of these states."""
        wanted = ", ".join(f'body[data-state="{state}"]' for state in states)
        await self.page.wait_for_selector(wanted, timeout=PATIENCE)

    async def code(self, *, other_than: str | None = None) -> str:
        """What a phone reads off the screen, once there is a code to read. other_than: one that is past."""
        await self.state("code")
        return await self.read(other_than=other_than)

    async def codes(self) -> list[str]:
        """Every code that a phone could read off the screen now."""
        return codes_in(await self._picture())

    async def read(self, *, other_than: str | None = None) -> str:
        """The same where the page as a whole has no state."""
        async with asyncio.timeout(PATIENCE / 1000):
            while True:
                read = await self.codes()
                if read not in ([], [other_than]):
                    return read[0]
                await asyncio.sleep(LOOK_AGAIN)

    async def barriers(self) -> list[str]:
        """What axe-core finds that keeps people out, serious or worse."""
        await self.page.evaluate(AXE.read_text())
        found = await self.page.evaluate("() => axe.run()")
        return [
            f"{violation['id']}: {node['html']}"
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]

    async def overflows(self) -> bool:
        """Whether it has to be scrolled sideways."""
        root = "document.documentElement"
        return bool(await self.page.evaluate(f"() => {root}.scrollWidth > {root}.clientWidth"))

    async def keep(self, name: str) -> None:
        """Keep a picture of it, where SCREENSHOTS names a folder."""
        if folder := os.environ.get("SCREENSHOTS"):
            (Path(folder) / f"{name}.png").write_bytes(await self._picture(full_page=True))

    async def _picture(self, **options: Any) -> bytes:
        """A PNG. While the page loads itself again Chromium has none: the next one has."""
        async with asyncio.timeout(PATIENCE / 1000):
            while True:
                try:
                    return await self.page.screenshot(**options)
                except Error as error:
                    if "Unable to capture screenshot" not in error.message:
                        raise
                await asyncio.sleep(LOOK_AGAIN)


@asynccontextmanager
async def screen(
    browser: Browser,
    url: str,
    *,
    size: tuple[int, int] = DESKTOP,
    dark: bool = False,
    script: bool = True,
    **options: Any,
) -> AsyncGenerator[Screen]:
    """A page that is open until the block ends. Nothing may go wrong in it. options: of the browser."""
    context: dict[str, Any] = {
        "viewport": {"width": size[0], "height": size[1]},
        "color_scheme": "dark" if dark else "light",
        "java_script_enabled": script,
        "is_mobile": size[0] < 500,
        **options,
    }
    page = await browser.new_page(**context)
    shown = Screen(page)
    page.on("console", lambda message: _note(shown, message))
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    page.on("dialog", lambda dialog: shown.complaints.append(dialog.message))
    await page.goto(url, wait_until="domcontentloaded")
    yield shown
    await page.close()
    assert shown.complaints == []


def _note(shown: Screen, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        shown.complaints.append(message.text)
