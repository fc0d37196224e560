"""What a front that starts knows of versions: which one was accepted, and which were refused."""

from server.protocol.events.link import Closed
from server.whatsapp_version.revisions import BUILT_IN
from server.whatsapp_version.service import REJECTED
from store.records.reason import Reason
from tests.api.conftest import Front, opened
from tests.api.whatsapp_version.links import (
    NEW,
    NEWER,
    NEWEST_VERSION,
    OLD,
    announce,
    connected,
    current,
    cut,
    known,
    link,
    refuse,
    versions_of,
)
from tests.support.site import Site
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until


async def restart(front: Front, name: str) -> None:
    """The session's process is killed, and supervisord starts another."""
    starts = front.supervisor.starts[name]
    await front.supervisor.kill(name)
    front.time.advance(1)
    await until(lambda: front.supervisor.starts[name] > starts)
    await connected(front, name)


async def test_what_was_accepted_outlives_the_front(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    await cut(front, "a", tries=NEW)
    await known(front, current=NEWER, accepted=[BUILT_IN, NEWER])
    asked = page.asked
    await front.stop()
    async with opened(front.whole.settings, time, supervisor) as later:
        assert current(later) == NEW
        await restart(later, "a")
        assert versions_of(later, "a")[-1] == NEW
    assert page.asked == asked  # the last look-up was less than ten minutes ago


async def test_a_candidate_that_was_refused_is_not_tried_by_the_next_front(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    front.whatsapp.oldest_version = NEWEST_VERSION
    await cut(front, "a", tries=NEW)
    await known(front, refused=[NEWER])
    front.whatsapp.oldest_version = None
    await connected(front, "a")
    await front.stop()
    async with opened(front.whole.settings, time, supervisor) as later:
        await restart(later, "a")
        assert versions_of(later, "a")[-1] == OLD


async def test_a_front_that_starts_has_refused_sessions_try_again(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await link(front, "a")
    await refuse(front, "a", below=NEW)
    await front.stop()
    front.whatsapp.oldest_version = None
    async with opened(front.whole.settings, time, supervisor) as later:
        await until(lambda: later.owner.connectors.is_answered("a"))
        time.advance(10)
        await later.until("connected", "a")
    assert versions_of(front, "a")[-2:] == [OLD, OLD]


async def test_a_session_that_an_older_motte_left_failed_comes_back(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await link(front, "a")
    supervisor.connectors["a"].say_spooled(Closed, reason=Reason(REJECTED, "405"))  # and no version
    supervisor.connectors["a"].quit()
    await front.until("disconnected", "a")
    time.advance(1)
    await front.until("connected", "a")
