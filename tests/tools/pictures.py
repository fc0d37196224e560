"""Makes the pictures of the README from a real Motte with its sandbox: `python -m tests.tools.pictures`.

Needs Chromium, as `make browser` does. No picture has a secret: codes and numbers are those of the sandbox.
"""

import html
import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
MOTTE = ROOT / ".venv" / "bin" / "motte"

START_WITHIN_SECONDS = 60

#: Sessions of the dashboard: id, label, and the phone that scans it, if any.
SESSIONS = [
    ("bakery", "Bakery on Main Street", "15557654321"),
    ("flower-shop", "Flower shop", "15551234567"),
    ("book-store", "Book store", None),
]

#: A terminal, with lines that touch, as those that draw the code must.
TERMINAL_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #16181d; color: #e6e6e6; }}
pre {{ margin: 0; padding: 18px 22px; display: inline-block; font: 13px/15px "DejaVu Sans Mono", monospace; }}
.typed {{ color: #8fd694; }}
</style><pre><span class="typed">$ make demo</span>
{output}</pre>"""


@contextmanager
def served(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of commands for a Motte with a sandbox, on free ports, until the block ends."""
    environment = {**os.environ, "MOTTE_STATE": str(folder / "state")}
    serve = subprocess.Popen(
        [MOTTE, "serve", "--sandbox", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield environment
    finally:
        serve.terminate()
        serve.wait(START_WITHIN_SECONDS)


def picture_of_the_dashboard(browser: Browser, folder: Path) -> None:
    """Two connected sessions, and one that waits for a scan."""
    with served(folder) as environment:
        state = Path(environment["MOTTE_STATE"])
        deadline = monotonic() + START_WITHIN_SECONDS
        while not (state / "front.json").exists() and monotonic() < deadline:
            sleep(0.1)
        for session_id, name, phone in SESSIONS:
            _motte(environment, "sessions", "create", session_id, "--name", name)
            if phone:
                _motte(environment, "sandbox", "scan", session_id, "--phone", phone)
        page = browser.new_page(viewport={"width": 1280, "height": 600})
        page.goto(json.loads((state / "front.json").read_text())["url"])
        page.get_by_label("API key").fill((state / "admin.key").read_text().strip())
        page.get_by_role("button", name="Sign in").click()
        page.locator("#list > tr").filter(has_text="Book store").wait_for()
        page.locator("#link").filter(has_text="Live").wait_for()
        _save("dashboard.png", page.screenshot())


def picture_of_the_terminal(browser: Browser) -> None:
    """What `make demo` prints."""
    output = subprocess.run([MOTTE, "demo"], check=True, capture_output=True, text=True).stdout
    page = browser.new_page(viewport={"width": 900, "height": 400})
    page.set_content(TERMINAL_PAGE.format(output=html.escape(output)))
    _save("terminal.png", page.locator("pre").screenshot())


def _save(name: str, png: bytes) -> None:
    """Writes a picture with 64 colours, which is enough for a page and a third of the size."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(64).save(PICTURES / name, optimize=True)


def _motte(environment: dict[str, str], *words: str) -> None:
    subprocess.run([MOTTE, *words], env=environment, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=os.getuid() != 0
        )
        with tempfile.TemporaryDirectory(prefix="motte-") as folder:
            picture_of_the_dashboard(browser, Path(folder))
        picture_of_the_terminal(browser)
        browser.close()


if __name__ == "__main__":
    main()
