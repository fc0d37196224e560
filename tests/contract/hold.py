"""Starts Motte on the sandbox and has openapi-spec-validator and schemathesis look for a difference.

`python -m tests.contract.hold TOOLS [--examples N]`: TOOLS is the environment that they are installed in.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

from aiohttp import ClientError, ClientSession

from tests.support.serve import API_KEY, Serve

CONFIG = Path(__file__).with_name("schemathesis.toml")

#: Seconds that Motte gets to answer.
START = 30.0

#: A short life for codes lets the connectors of made-up sessions fall asleep soon.
SETTINGS = {"MOTTE_SANDBOX_LISTEN": "127.0.0.1:0", "MOTTE_QR_LIFETIME": "3"}


def main() -> int:
    """0: no difference was found."""
    options = _options()
    serve = Serve(SETTINGS, "--sandbox")
    serve.start()
    try:
        url = asyncio.run(_ready(serve))
        return _validate(options.tools, url) or _hold(options.tools, url, options.examples)
    finally:
        serve.stop()
        serve.remove()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools", type=Path)
    parser.add_argument("--examples", type=int, default=25)
    return parser.parse_args()


async def _ready(serve: Serve) -> str:
    deadline = time.monotonic() + START
    async with ClientSession() as client:
        while time.monotonic() < deadline:
            try:
                async with client.get(f"{serve.url()}/readyz") as response:
                    if response.status == 200:
                        return str(serve.url())
            except (ClientError, ValueError):
                pass
            await asyncio.sleep(0.1)
    raise SystemExit(f"Motte does not answer\n{serve.logs()}")


def _validate(tools: Path, url: str) -> int:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(urlopen(f"{url}/openapi.json").read())  # noqa: S310 - it is ours
        file.flush()
        return subprocess.run([tools / "bin" / "openapi-spec-validator", file.name], check=False).returncode


def _hold(tools: Path, url: str, examples: int) -> int:
    command = [
        *(str(tools / "bin" / "schemathesis"), "--config-file", str(CONFIG), "run", f"{url}/openapi.json"),
        *(
            "--max-examples",
            str(examples),
            "--seed",
            "7",
        ),  # all checks, but for those that CONFIG switches off
        *("--header", f"Authorization: Bearer {API_KEY}", "--header", "Connection: close"),
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.contract.hooks"}
    return subprocess.run(command, check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
