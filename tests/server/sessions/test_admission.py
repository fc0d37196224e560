"""Whether there is room for another session."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from server.core.errors import Overloaded
from server.core.settings.model import Settings
from server.observability.connector_metrics import ConnectorMetrics
from server.sessions.admission import MIB, STARTING_BYTES, Admission
from store.ports.sessions import SessionStore
from tests.store.conftest import *  # noqa: F403  # a real store
from tests.store.samples import session


class Host:
    """A host with 128 MiB free and nothing that starts, of which 100 must stay free."""

    def __init__(self, sessions: SessionStore, settings: Settings) -> None:
        self.free: int | None = 128 * MIB
        self.starting = (0, 0)
        #: What its warm spares take.
        self.spares = 0
        self.registry = CollectorRegistry()
        self.admission = Admission(
            settings,
            sessions,
            ConnectorMetrics(self.registry),
            starting=lambda: self.starting,
            give_up_spares=self.give_up_spares,
            free=lambda: self.free,
        )

    async def give_up_spares(self) -> bool:
        assert self.free is not None
        self.free, self.spares = self.free + self.spares, 0
        return True

    def refused(self, why: str) -> float | None:
        return self.registry.get_sample_value("motte_starts_refused_total", {"why": why})


@pytest.fixture
def host(sessions: SessionStore, settings: Settings) -> Host:
    return Host(sessions, settings)


@pytest.fixture
def settings() -> Settings:
    return Settings(state=Path("/srv/motte"), max_sessions=2, min_free_memory=100)


async def test_as_many_sessions_as_the_setting_says_may_be_made(host: Host, sessions: SessionStore) -> None:
    await sessions.add(session("a"))
    await host.admission.check_create()
    await sessions.add(session("b"))
    with pytest.raises(Overloaded) as refused:
        await host.admission.check_create()
    assert refused.value.detail == "there may be no more sessions: MOTTE_MAX_SESSIONS is 2"
    assert refused.value.headers() == {"Retry-After": "60"}
    assert host.refused("sessions") == 1


async def test_a_session_is_refused_for_lack_of_memory_only_once_there_are_no_spares(host: Host) -> None:
    host.free, host.spares = 70 * MIB, 30 * MIB
    await host.admission.check_create()
    assert (host.free, host.spares) == (100 * MIB, 0)
    host.free -= 1
    with pytest.raises(Overloaded):
        await host.admission.check_create()


async def test_spares_stay_as_long_as_there_is_memory_without_them(host: Host) -> None:
    host.free, host.spares = 100 * MIB, 30 * MIB
    await host.admission.check_create()
    assert host.spares == 30 * MIB


async def test_as_much_memory_as_the_setting_says_stays_free(host: Host) -> None:
    host.free = 100 * MIB
    await host.admission.check_create()
    host.free -= 1
    with pytest.raises(Overloaded) as refused:
        await host.admission.check_create()
    assert refused.value.detail == (
        "too little memory is free for another session: 99 MiB, 0 other processes are starting, "
        "and MOTTE_MIN_FREE_MEMORY is 100"
    )
    assert host.refused("memory") == 1


async def test_a_create_leaves_memory_to_the_processes_that_start_before_its_own(host: Host) -> None:
    host.starting = (2, 3)
    host.free = 100 * MIB + 5 * STARTING_BYTES
    await host.admission.check_create()
    host.free -= 1
    with pytest.raises(Overloaded):
        await host.admission.check_create()


async def test_a_start_leaves_memory_to_the_processes_that_are_loading(host: Host) -> None:
    host.starting = (2, 3)  # it is one of the two; those that wait are checked when their turn comes
    host.free = 100 * MIB + STARTING_BYTES
    host.admission.check_start()
    host.free -= 1
    with pytest.raises(Overloaded):
        host.admission.check_start()


async def test_a_host_that_does_not_say_how_much_is_free_is_not_full(host: Host) -> None:
    host.free = None
    await host.admission.check_create()
    host.admission.check_start()


@pytest.mark.parametrize("settings", [Settings(state=Path("/srv/motte"), min_free_memory=0)])
async def test_the_check_of_memory_can_be_turned_off(host: Host) -> None:
    host.free = 0
    await host.admission.check_create()
    host.admission.check_start()
