"""The examples of docs/how-to/send.md and receive.md do what they say."""

import asyncio
import json
import re
import socket
import sys
from asyncio.subprocess import Process
from pathlib import Path

import pytest

from server.cli.serve.launch import NODE
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import BO, Phones
from tests.support.shell import WITHIN, page, printed, started, typed

SEND, RECEIVE = "send.md", "receive.md"
TEXT, CURSOR, WEBHOOK = "Send a text", "With a cursor", "With a webhook"

#: What the examples for each language are called.
LANGUAGES = ["python", "js"]


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1", "MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}


def tasks(name: str) -> dict[str, str]:
    """Task by task, what a page says."""
    return dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", page(name), re.MULTILINE | re.DOTALL))


def examples(name: str, task: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", tasks(name)[task], re.MULTILINE | re.DOTALL)


async def run(motte: Motte, place: Path, name: str, task: str, language: str, **variables: str) -> Process:
    """Starts the program of a task."""
    [example] = examples(name, task, language)
    file = place / ("example.py" if language == "python" else "example.mjs")
    file.write_text(example)
    program = sys.executable if language == "python" else str(NODE)
    assignments = [f"{variable}={value}" for variable, value in variables.items()]
    return await started(motte.serve, place, "env", *assignments, program, str(file))


async def curled(motte: Motte, place: Path, name: str, *of: str) -> str:
    """What curl prints for these tasks, one after the other."""
    lines = [example for task in of for example in examples(name, task, "sh")]
    return await printed(await typed(motte.serve, place, "echo\n".join(lines)))


async def texts_of(phones: Phones, number: str = BO) -> list[str]:
    return [message["text"] for message in (await phones.phone(number))["inbox"]]


async def test_curl_sends_a_text(motte: Motte, phones: Phones, tmp_path: Path) -> None:
    await motte.connect()
    shown = await curled(motte, tmp_path, SEND, TEXT)
    message = json.loads((tmp_path / "message.json").read_text())
    assert json.loads(shown) == message
    assert message["status"] in ("sent", "delivered")
    assert await texts_of(phones) == ["Your order 4711 is on its way."]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_program_sends_a_text_once_however_often_it_runs(
    motte: Motte, phones: Phones, tmp_path: Path, language: str
) -> None:
    await motte.connect()
    first, second = [
        (await printed(await run(motte, tmp_path, SEND, TEXT, language))).split() for _ in range(2)
    ]
    assert first[0] == second[0]
    assert first[1] in ("sent", "delivered")
    assert len(await texts_of(phones)) == 1


async def test_curl_does_what_else_can_be_done_with_messages(
    motte: Motte, phones: Phones, tmp_path: Path
) -> None:
    await motte.connect()
    await phones.write("When does it come?")
    await eventually(lambda: _has_messages(motte))
    await curled(motte, tmp_path, SEND, TEXT)
    said = await curled(
        motte,
        tmp_path,
        SEND,
        "Send a location or a contact",
        "See what became of a message",
        "Be polite",
        "Reply, react, edit, take back",
    )
    assert said

    async def all_came() -> bool:
        kinds = [message["kind"] for message in (await phones.phone(BO))["inbox"]]
        return sorted(kinds) == sorted(["text", "location", "contact", "text", "reaction", "edit", "revoke"])

    await eventually(all_came)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_program_reads_what_arrived_with_a_cursor(
    motte: Motte, phones: Phones, tmp_path: Path, language: str
) -> None:
    await motte.connect()
    await phones.write("Hello")
    await eventually(lambda: _has_messages(motte))
    lines = (await printed(await run(motte, tmp_path, RECEIVE, CURSOR, language))).splitlines()
    assert lines[-1] == f"shop {BO} Hello"


async def test_curl_reads_what_arrived_with_a_cursor(motte: Motte, phones: Phones, tmp_path: Path) -> None:
    await motte.connect()
    await phones.write("Hello")
    await eventually(lambda: _has_messages(motte))
    await curled(motte, tmp_path, RECEIVE, CURSOR)
    assert json.loads((tmp_path / "events.json").read_text())["items"][-1]["data"]["text"] == "Hello"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_program_takes_what_a_webhook_delivers(
    motte: Motte, phones: Phones, tmp_path: Path, language: str
) -> None:
    await motte.connect()
    port = _a_free_port()
    where, make, export, try_it, try_now, replay_dead, replay_since = examples(RECEIVE, WEBHOOK, "sh")
    made = await printed(await typed(motte.serve, tmp_path, where.replace("9000", str(port)), make))
    webhook = json.loads((tmp_path / "webhook.json").read_text())
    assert json.loads(made) == webhook
    exported = await printed(await typed(motte.serve, tmp_path, export, 'echo "$SECRET $WEBHOOK"'))
    assert exported.split() == [webhook["secret"], webhook["id"]]
    program = await run(motte, tmp_path, RECEIVE, WEBHOOK, language, SECRET=webhook["secret"], PORT=str(port))
    try:
        assert program.stdout
        await phones.write("Hello")
        async with asyncio.timeout(WITHIN):
            assert (await program.stdout.readline()).decode() == "message.received Hello\n"
        assert ": delivered, HTTP 204 in " in await printed(
            await typed(motte.serve, tmp_path, export, try_it)
        )
        enabled = await printed(await typed(motte.serve, tmp_path, export, try_now))
        assert json.loads(enabled)["status"] == "active"
        await printed(await typed(motte.serve, tmp_path, export, replay_dead))
        replayed = await printed(await typed(motte.serve, tmp_path, export, replay_since))
        assert json.loads(replayed) == {"dead": None}
    finally:
        program.terminate()
        await program.wait()
        await motte.ask("DELETE", f"/webhooks/{webhook['id']}")


def test_every_example_belongs_to_a_task_that_is_tried() -> None:
    tried = {
        SEND: {
            TEXT,
            "Send a location or a contact",
            "Reply, react, edit, take back",
            "See what became of a message",
            "Be polite",
        },
        RECEIVE: {CURSOR, WEBHOOK},
    }
    for name, of_page in tried.items():
        with_examples = {
            task for task in tasks(name) if any(examples(name, task, kind) for kind in ("sh", "python", "js"))
        }
        assert with_examples == of_page


async def _has_messages(motte: Motte) -> bool:
    return bool(await motte.messages())


def _a_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
