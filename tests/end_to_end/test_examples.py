"""The examples of docs/api.md do what they say."""

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

import pytest

from server.cli.launch import NODE, ROOT
from tests.end_to_end.motte import Motte
from tests.end_to_end.patience import eventually
from tests.end_to_end.serve import API_KEY
from tests.end_to_end.whatsapp import ANN, Phones

API = (ROOT / "docs" / "api.md").read_text()


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", API, re.MULTILINE | re.DOTALL)


async def started(motte: Motte, place: Path, *command: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=place,
        env={**motte.serve.environment(), "MOTTE_URL": str(motte.serve.url()), "KEY": API_KEY},
        stdout=PIPE,
        stderr=STDOUT,
    )


async def is_there(motte: Motte, session_id: str) -> bool:
    return (await motte.get(session_id, params={"refresh": "false"})).status == 200


@pytest.mark.parametrize("language", ["python", "js"])
async def test_a_program_shows_the_code_and_ends_when_the_account_is_linked(
    motte: Motte, phones: Phones, tmp_path: Path, language: str
) -> None:
    [example] = examples(language)
    file = tmp_path / ("example.py" if language == "python" else "example.mjs")
    file.write_text(example)
    program = await started(motte, tmp_path, sys.executable if language == "python" else str(NODE), str(file))
    assert program.stdout
    async with asyncio.timeout(30):
        line = (await program.stdout.readline()).decode()
        shown = re.fullmatch(r"show this code: (\S+) until \S+Z\n", line)
        assert shown, line + (await program.stdout.read()).decode()
        await phones.scan(shown[1])
        printed = (await program.stdout.read()).decode()
    assert (await program.wait(), printed.splitlines()[-1]) == (0, f"connected {ANN}")


async def test_what_curl_is_told_works(motte: Motte, phones: Phones, tmp_path: Path) -> None:
    script = "set -eu\n" + "echo\n".join(examples("sh"))
    program = await started(motte, tmp_path, "bash", "-c", script)
    await eventually(lambda: is_there(motte, "by-curl"))
    await phones.scan((await motte.read("by-curl"))["qrCode"])
    async with asyncio.timeout(60):
        printed, _ = await program.communicate()
    assert program.returncode == 0, printed.decode()
    *_, code, page, stopped, woken = map(json.loads, filter(None, printed.decode().splitlines()))
    assert len(code["code"]) == 8
    assert {session["id"] for session in page["items"]} == {"by-curl", "typed"}
    assert (stopped["status"], woken["status"]) == ("stopped", "qr_waiting")


def test_the_node_of_n8n_creates_a_session() -> None:
    [example] = examples("json")
    [node] = json.loads(example)["nodes"]
    assert node["parameters"]["url"].endswith("/sessions")
    assert json.loads(node["parameters"]["jsonBody"]) == {"id": "from-n8n"}
