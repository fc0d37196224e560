"""The consumers of docs/reference/webhooks.md take what is signed, once, and nothing else."""

import asyncio
import json
import os
import re
import shutil
import socket
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from server.cli.serve.launch import NODE, ROOT
from server.webhooks.signatures import new_secret, signed_headers
from tests.support.eventually import eventually

PAGE = (ROOT / "docs" / "reference" / "webhooks.md").read_text()
TEXT = "Grüße, '$(1)' `2`"


def event(text: str) -> bytes:
    document = {"type": "message.received", "sessionId": "shop", "data": {"text": text}}
    return json.dumps(document, ensure_ascii=False).encode()


def example(language: str, beginning: str) -> str:
    """The example in a language that begins so."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return next(str(text) for text in found if text.startswith(beginning))


@pytest.mark.parametrize("language", ["python", "js"])
async def test_a_consumer_of_the_docs_takes_what_is_signed_once(tmp_path: Path, language: str) -> None:
    name, program = ("c.py", sys.executable) if language == "python" else ("c.mjs", str(NODE))
    (tmp_path / name).write_text(example(language, "import"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    secret, other, now = new_secret(), new_secret(), int(time.time())
    process = await asyncio.create_subprocess_exec(
        program,
        tmp_path / name,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"SECRET": secret, "PORT": str(port), "PYTHONIOENCODING": "utf-8"},
    )

    async def status(headers: dict[str, str], body: bytes = event(TEXT)) -> int | None:
        try:
            async with http.post(f"http://127.0.0.1:{port}/", data=body, headers=headers) as response:
                return response.status
        except aiohttp.ClientError:
            return None

    def signed(event_id: str, text: str, *secrets: str, at: int = now) -> dict[str, str]:
        return signed_headers(event_id, at, event(text), secrets)

    try:
        async with aiohttp.ClientSession() as http:
            assert await eventually(lambda: status(signed("evt_1", TEXT, other))) == 401
            assert await status(signed("evt_1", TEXT, secret, at=now - 600)) == 401
            assert await status({}) == 401
            for _ in range(2):
                assert await status(signed("evt_1", TEXT, other, secret)) == 204
            assert await status(signed("evt_2", "last", secret), event("last")) == 204
        assert process.stdout is not None
        lines = [await process.stdout.readline() for _ in range(2)]
    finally:
        process.kill()
        await process.communicate()

    assert [line.decode().rstrip() for line in lines] == [
        f"message.received shop {TEXT}",
        "message.received shop last",
    ]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the host has no openssl")
async def test_the_shell_of_the_docs_computes_the_signature() -> None:
    secret, now = new_secret(), int(time.time())
    given = {"SECRET": secret, "ID": "evt_1", "TIMESTAMP": str(now), "BODY": event(TEXT).decode()}
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        example("sh", "key="),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | given | {"LC_ALL": "C.UTF-8"},
    )
    printed, _ = await process.communicate()

    headers = signed_headers("evt_1", now, event(TEXT), [secret])
    assert f"v1,{printed.decode().strip()}" == headers["webhook-signature"]
