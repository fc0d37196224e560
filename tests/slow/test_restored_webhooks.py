"""A backup is restored while callers, webhooks and WhatsApp have gone on since."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from server.cli.serve.launch import ROOT
from tests.end_to_end.sends import has_status, send
from tests.slow.trials import SETTINGS, Trial
from tests.support.consumer import Consumer, consumer, status
from tests.support.event_readers import JSON, events_after
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, Phones, Sandbox
from tests.support.serve import Serve


@pytest.fixture
async def trial(sandbox: Sandbox, phones: Phones) -> AsyncGenerator[Trial]:
    """A Motte of its own: it is stopped and restored."""
    serve = Serve({**sandbox.settings, **SETTINGS})
    try:
        async with consumer() as found, Motte.opened(serve, phones) as motte:
            yield Trial(motte, phones, found)
    finally:
        await asyncio.to_thread(serve.stop)
        sys.stdout.write(serve.logs())  # shown where the test has failed
        serve.remove()


def run(motte: Motte, *arguments: str) -> None:
    command = [sys.executable, "-m", "server", *arguments]
    subprocess.run(command, cwd=ROOT, env=motte.serve.environment(), timeout=30, check=True)


async def got(found: Consumer, *wanted: tuple[str, str | None]) -> bool:
    """Whether the consumer has events of these texts, with these statuses."""
    events = [delivery.event["data"] for delivery in found.got]
    return set(wanted) <= {(event["text"], event["status"]) for event in events}


@pytest.mark.parametrize("resends", [False, True])
async def test_after_a_restore_nothing_is_shown_twice_and_a_webhook_misses_nothing_of_the_restored_log(
    trial: Trial, phones: Phones, tmp_path: Path, resends: bool
) -> None:
    motte, file = trial.motte, tmp_path / "backup.tar"
    body = {"url": trial.consumer.url, "types": ["message.received", "message.status"]}
    secret = (await motte.ask("POST", "/webhooks", json=body)).session(201)["secret"]
    await motte.connect()
    await trial.say("before")
    await eventually(lambda: got(trial.consumer, ("before", "delivered")))
    trial.consumer.answer = status(503)
    taken = len(trial.consumer.got)
    await trial.hear("not delivered before the backup")
    await trial.consumer.until(taken + 1)
    await motte.tell("shop", "stop")
    waits = (await send(motte, text="waits in the backup")).session(201)
    await asyncio.to_thread(run, motte, "backup", str(file))

    trial.consumer.answer = status(204)
    await motte.tell("shop", "start")
    await eventually(lambda: has_status(motte, waits["id"], "delivered"))
    later = (await motte.ask("POST", "/webhooks", json=body)).session(201)
    await trial.say("since")
    await trial.hear("since, theirs")
    await eventually(lambda: got(trial.consumer, ("since", "delivered"), ("since, theirs", None)))
    _, cursor = await events_after(motte)
    await asyncio.to_thread(motte.serve.stop)
    before = list(trial.consumer.got)
    await asyncio.to_thread(run, motte, "restore", str(file), "--force", *["--resend"] * resends)
    await motte.ready()

    (await motte.ask("GET", "/events", params={"after": cursor}, headers=JSON)).problem(410, "cursor-expired")
    assert (await motte.ask("GET", f"/webhooks/{later['id']}")).status == 404
    await motte.tell("shop", "start")
    await motte.until("connected")
    await eventually(lambda: has_status(motte, waits["id"], "delivered" if resends else "failed"))
    await trial.say("after")
    await trial.hear("after, theirs")
    await eventually(lambda: got(trial.consumer, ("after", "delivered"), ("after, theirs", None)))

    shown = (await phones.texts(BO))["chats"][ANN]
    assert shown == ["before", "waits in the backup", "since", "after"]
    new = trial.consumer.got[len(before) :]
    for delivery in new:
        Webhook(secret).verify(delivery.body, delivery.headers)
    log, _ = await events_after(motte)
    known = {delivery.id: delivery.body for delivery in before}
    fresh = [delivery for delivery in new if delivery.id not in known]
    assert all(known.get(delivery.id, delivery.body) == delivery.body for delivery in new)
    wanted = [event["id"] for event in log if event["type"] in body["types"]]
    assert [delivery.id for delivery in new] == wanted[-len(new) :], "in the order of the log, without a gap"
    assert "not delivered before the backup" in {one.event["data"]["text"] for one in new}
    ends = [one.event["data"]["status"] for one in fresh if one.event["data"]["id"] == waits["id"]]
    assert ends == ["queued", *(["handed", "sent", "delivered"] if resends else ["failed"])]
