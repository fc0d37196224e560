"""The consumers of the docs take what is signed, once, and nothing else; nobody ends them."""

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

REFERENCE, HOW_TO = "reference/webhooks.md", "how-to/receive.md"
TEXT = "Grüße, '$(1)' `2`"


def event(text: str) -> bytes:
    document = {"type": "message.received", "sessionId": "shop", "data": {"text": text}}
    return json.dumps(document, ensure_ascii=False).encode()


def example(page: str, language: str, part: str) -> str:
    """The first example of a page in a language that contains this."""
    text = (ROOT / "docs" / page).read_text()
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return next(str(text) for text in found if part in text)


def hang_up(port: int) -> None:
    """Sends the beginning of a request."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")


@pytest.mark.parametrize("page", [REFERENCE, HOW_TO])
@pytest.mark.parametrize("language", ["python", "js"])
async def test_a_consumer_of_the_docs_takes_what_is_signed_once(
    tmp_path: Path, language: str, page: str
) -> None:
    name, program = ("c.py", sys.executable) if language == "python" else ("c.mjs", str(NODE))
    (tmp_path / name).write_text(example(page, language, "webhook-signature"))
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
            hang_up(port)
            for _ in range(2):
                assert await status(signed("evt_1", TEXT, other, secret)) == 204
            assert await status(signed("evt_2", "last", secret), event("last")) == 204
        assert process.stdout is not None
        lines = [await process.stdout.readline() for _ in range(2)]
    finally:
        process.kill()
        await process.communicate()

    session = "shop " if page == REFERENCE else ""
    assert [line.decode().rstrip() for line in lines] == [
        f"message.received {session}{TEXT}",
        f"message.received {session}last",
    ]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the host has no openssl")
async def test_the_shell_of_the_docs_computes_the_signature() -> None:
    secret, now = new_secret(), int(time.time())
    given = {"SECRET": secret, "ID": "evt_1", "TIMESTAMP": str(now), "BODY": event(TEXT).decode()}
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        example(REFERENCE, "sh", "key="),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | given | {"LC_ALL": "C.UTF-8"},
    )
    printed, _ = await process.communicate()

    headers = signed_headers("evt_1", now, event(TEXT), [secret])
    assert f"v1,{printed.decode().strip()}" == headers["webhook-signature"]
