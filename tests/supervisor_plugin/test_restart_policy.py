"""Restart policy: which exit is a crash, and when a connector is started again."""

import signal

import pytest

from server.protocol.exit_codes import HOPELESS, NO_ROOM, RESTART
from server.supervisor_plugin.restart_policy import (
    IMMEDIATE_WINDOW_SECONDS,
    MAX_IMMEDIATE_RESTARTS,
    MAX_REQUESTED_RESTARTS,
    RESTART_WINDOW_SECONDS,
    ProcessExit,
    RestartDecision,
    RestartPolicy,
)

SLEEP, RESTART_NOW, RESTART_LATER, GIVE_UP = RestartDecision

CRASH = ProcessExit(code=1)
RESTART_REQUESTED = ProcessExit(code=RESTART)


def policy_for(*, is_linked: bool) -> RestartPolicy:
    return RestartPolicy(
        tries=5, first_delay=1.0, longest_delay=300.0, healthy_after=60.0, is_linked=lambda: is_linked
    )


@pytest.fixture
def policy() -> RestartPolicy:
    return policy_for(is_linked=False)


def test_a_linked_connector_is_never_given_up_and_its_delay_grows_to_five_minutes() -> None:
    policy = policy_for(is_linked=True)
    delays = []
    for _ in range(2000):
        assert policy.decide(CRASH, lived=0.1, now=0.0) is RESTART_LATER
        delays.append(policy.delay)
    assert delays[:11] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0]
    assert set(delays[11:]) == {300.0}
    assert policy.crashes == 2000


def test_a_connector_that_is_linked_after_its_start_is_not_given_up() -> None:
    linked = [False]
    policy = RestartPolicy(
        tries=2, first_delay=1.0, longest_delay=300.0, healthy_after=60.0, is_linked=lambda: linked[0]
    )
    policy.decide(CRASH, lived=0.1, now=0.0)
    linked[0] = True
    assert policy.decide(CRASH, lived=0.1, now=0.0) is RESTART_LATER


@pytest.mark.parametrize("code", sorted(HOPELESS))
def test_an_exit_that_needs_a_person_gives_up_a_linked_connector(code: int) -> None:
    assert policy_for(is_linked=True).decide(ProcessExit(code=code), lived=0.1, now=0.0) is GIVE_UP


def test_the_delay_doubles_with_each_crash_and_the_fifth_crash_is_the_last(policy: RestartPolicy) -> None:
    delays = []
    for _ in range(4):
        assert policy.decide(CRASH, lived=0.1, now=0.0) is RESTART_LATER
        delays.append(policy.delay)
    assert delays == [1.0, 2.0, 4.0, 8.0]
    assert policy.decide(CRASH, lived=0.1, now=0.0) is GIVE_UP


def test_an_end_by_a_signal_is_a_crash(policy: RestartPolicy) -> None:
    assert policy.decide(ProcessExit(signal=signal.SIGKILL), lived=0.1, now=0.0) is RESTART_LATER
    assert policy.crashes == 1


def test_exit_0_is_sleep_however_long_the_process_lived(policy: RestartPolicy) -> None:
    assert policy.decide(ProcessExit(code=0), lived=0.0, now=0.0) is SLEEP
    assert policy.decide(ProcessExit(code=0), lived=9000.0, now=0.0) is SLEEP
    assert policy.crashes == 0


def test_exit_75_is_no_crash(policy: RestartPolicy) -> None:
    assert policy.decide(RESTART_REQUESTED, lived=0.1, now=0.0) is RESTART_NOW
    assert policy.crashes == 0


def test_exit_75_counts_as_a_crash_if_it_loops(policy: RestartPolicy) -> None:
    for _ in range(MAX_REQUESTED_RESTARTS):
        assert policy.decide(RESTART_REQUESTED, lived=0.1, now=0.0) is RESTART_NOW
    assert policy.decide(RESTART_REQUESTED, lived=0.1, now=0.0) is RESTART_LATER
    assert policy.decide(RESTART_REQUESTED, lived=0.1, now=RESTART_WINDOW_SECONDS) is RESTART_NOW


def test_a_healthy_time_forgets_earlier_crashes(policy: RestartPolicy) -> None:
    policy.decide(CRASH, lived=0.1, now=0.0)
    policy.decide(CRASH, lived=59.9, now=0.0)
    assert policy.crashes == 2
    policy.decide(CRASH, lived=60.0, now=0.0)
    assert (policy.crashes, policy.delay) == (1, 1.0)


def steady_policy() -> RestartPolicy:
    return RestartPolicy(
        tries=5,
        first_delay=1.0,
        longest_delay=300.0,
        healthy_after=60.0,
        steady_after=5.0,
        is_linked=lambda: True,
    )


def test_a_connector_that_was_steady_is_started_again_at_once_and_the_crash_counts() -> None:
    policy = steady_policy()
    assert policy.decide(CRASH, lived=5.0, now=0.0) is RESTART_LATER
    assert (policy.is_immediate, policy.crashes) == (True, 1)


def test_a_connector_that_crashes_while_it_starts_waits() -> None:
    policy = steady_policy()
    policy.decide(CRASH, lived=4.9, now=0.0)
    assert (policy.is_immediate, policy.delay) == (False, 1.0)


def test_starts_at_once_are_few_within_a_minute_and_delays_go_on_as_if_there_had_been_none() -> None:
    policy = steady_policy()
    for number in range(MAX_IMMEDIATE_RESTARTS):
        policy.decide(CRASH, lived=5.0, now=float(number))
        assert policy.is_immediate
    policy.decide(CRASH, lived=5.0, now=5.0)
    assert (policy.is_immediate, policy.delay) == (False, 16.0)
    policy.decide(CRASH, lived=5.0, now=5.0 + IMMEDIATE_WINDOW_SECONDS)
    assert (policy.is_immediate, policy.delay) == (True, 32.0)


@pytest.mark.parametrize("code", [NO_ROOM, RESTART])
def test_no_other_end_is_followed_by_a_start_at_once_by_mistake(code: int) -> None:
    policy = steady_policy()
    policy.decide(CRASH, lived=5.0, now=0.0)
    policy.decide(ProcessExit(code=code), lived=5.0, now=1.0)
    assert not policy.is_immediate


def test_a_start_that_fails_waits_although_the_connector_was_steady_before() -> None:
    policy = steady_policy()
    policy.decide(CRASH, lived=5.0, now=0.0)
    assert policy.count_crash() is RESTART_LATER
    assert not policy.is_immediate


@pytest.mark.parametrize("code", sorted(HOPELESS))
def test_an_exit_that_needs_a_person_gives_up_at_once_and_is_no_crash(
    policy: RestartPolicy, code: int
) -> None:
    assert policy.decide(ProcessExit(code=code), lived=0.1, now=0.0) is GIVE_UP
    assert policy.crashes == 0


def test_a_full_disk_is_retried_for_ever_and_counts_no_crash(policy: RestartPolicy) -> None:
    for _ in range(20):
        assert policy.decide(ProcessExit(code=NO_ROOM), lived=0.1, now=0.0) is RESTART_LATER
        assert policy.delay == 5.0
    assert policy.decide(CRASH, lived=0.1, now=0.0) is RESTART_LATER
    assert (policy.crashes, policy.delay) == (1, 1.0)


def test_a_wait_status_is_read_as_exit_code_or_signal() -> None:
    assert ProcessExit.of(3 << 8) == ProcessExit(code=3)
    assert ProcessExit.of(signal.SIGKILL) == ProcessExit(signal=9)
    assert str(ProcessExit(signal=9)) == "killed by SIGKILL"
    assert str(ProcessExit(code=3)) == "exit status 3"
