"""What supervisord reports to the front about its connectors."""

import os
from pathlib import Path

import pytest

from server.core.paths import SessionFolder, StateFolder
from server.supervisor_plugin.exit_notifier import ExitNotifier
from tests.supervisor_plugin.rig import Rig


async def test_an_end_is_reported_on_the_connectors_own_pipe_after_its_last_events(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order(*(f"say {number}" for number in range(100)), "exit 0")
    words = [await shop.events.next() for _ in range(101)]
    assert [word["answer"] for word in words[:-1]] == [[str(number)] for number in range(100)]
    ended = {"event": "ended", "epoch": 0, "state": "EXITED", "exit": 0, "signal": None, "byHand": False}
    assert ended.items() <= words[-1].items()


async def test_an_end_in_the_middle_of_a_line_damages_only_that_line(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order("tear")
    ended = await shop.events.next(event="ended")
    assert (ended["state"], ended["signal"], ended["tries"]) == ("BACKOFF", 9, 1)
    assert shop.events.garbage == [b'{"event": "torn']


async def test_only_a_stop_through_supervisorctl_is_by_hand(rig: Rig) -> None:
    await rig.started("shop")
    await rig.ctl("stop", "connector:shop")
    assert (await rig.notices.next(state="STOPPED"))["byHand"] is True
    await rig.supervisor.start("shop")
    await rig.supervisor.stop("shop")
    assert (await rig.notices.next(state="STOPPED"))["byHand"] is False


async def test_a_shutdown_is_not_reported(rig: Rig) -> None:
    shop = await rig.started("shop")
    await rig.notices.next(state="RUNNING")
    rig.process.terminate()
    await rig.process.communicate()
    assert rig.notices.rest() == []
    assert shop.events.rest() == []


@pytest.fixture
def shop(tmp_path: Path) -> SessionFolder:
    session = StateFolder(tmp_path).session("shop")
    session.path.mkdir(parents=True)
    return session


@pytest.fixture
def notices(tmp_path: Path) -> ExitNotifier:
    return ExitNotifier(StateFolder(tmp_path))


def test_a_notice_is_dropped_if_no_front_listens(notices: ExitNotifier, shop: SessionFolder) -> None:
    os.mkfifo(shop.events)
    notices.send({"id": "shop", "state": "EXITED"})


def test_a_notice_is_dropped_if_there_is_no_pipe_and_no_pipe_is_made(
    notices: ExitNotifier, shop: SessionFolder
) -> None:
    notices.send({"id": "shop", "state": "EXITED"})
    assert list(shop.path.iterdir()) == []


def test_a_notice_is_dropped_as_a_whole_if_the_front_does_not_read(
    notices: ExitNotifier, shop: SessionFolder
) -> None:
    os.mkfifo(shop.events)
    pipe = os.open(shop.events, os.O_RDWR | os.O_NONBLOCK)
    for _ in range(2000):
        notices.send({"id": "shop", "state": "EXITED", "detail": "x" * 99})
    read = os.read(pipe, 1 << 20)
    os.close(pipe)
    assert read.endswith(b"\n")
    assert 0 < read.count(b"\n\n") < 2000
