"""What an end means, and when a connector is started again."""

import signal

import pytest

from server.protocol.exit_codes import AGAIN, NEEDS_A_PERSON, NO_ROOM
from server.supervisor_plugin.restart_policy import RESTARTS, RESTARTS_WITHIN, Death, RestartPolicy, Verdict

CRASH = Death(exit=1)
ONCE_MORE = Death(exit=AGAIN)


def patience_for(*, is_linked: bool) -> RestartPolicy:
    return RestartPolicy(
        tries=5, first_delay=1.0, longest_delay=300.0, healthy_after=60.0, is_linked=lambda: is_linked
    )


@pytest.fixture
def patience() -> RestartPolicy:
    return patience_for(is_linked=False)


def test_a_linked_one_is_never_given_up_and_its_delay_grows_to_five_minutes() -> None:
    patience = patience_for(is_linked=True)
    delays = []
    for _ in range(2000):
        assert patience.judge(CRASH, lived=0.1, now=0.0) is Verdict.LATER
        delays.append(patience.delay)
    assert delays[:11] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0]
    assert set(delays[11:]) == {300.0}
    assert patience.crashes == 2000


def test_one_that_is_linked_meanwhile_is_no_longer_given_up() -> None:
    linked = [False]
    patience = RestartPolicy(
        tries=2, first_delay=1.0, longest_delay=300.0, healthy_after=60.0, is_linked=lambda: linked[0]
    )
    patience.judge(CRASH, lived=0.1, now=0.0)
    linked[0] = True
    assert patience.judge(CRASH, lived=0.1, now=0.0) is Verdict.LATER


@pytest.mark.parametrize("code", NEEDS_A_PERSON)
def test_what_needs_a_person_is_given_up_though_it_is_linked(code: int) -> None:
    assert patience_for(is_linked=True).judge(Death(exit=code), lived=0.1, now=0.0) is Verdict.GIVE_UP


def test_the_delay_doubles_with_each_crash_and_the_fifth_is_the_last(patience: RestartPolicy) -> None:
    delays = []
    for _ in range(4):
        assert patience.judge(CRASH, lived=0.1, now=0.0) is Verdict.LATER
        delays.append(patience.delay)
    assert delays == [1.0, 2.0, 4.0, 8.0]
    assert patience.judge(CRASH, lived=0.1, now=0.0) is Verdict.GIVE_UP


def test_a_signal_is_a_crash(patience: RestartPolicy) -> None:
    assert patience.judge(Death(signal=signal.SIGKILL), lived=0.1, now=0.0) is Verdict.LATER
    assert patience.crashes == 1


def test_exit_0_is_rest_at_any_age(patience: RestartPolicy) -> None:
    assert patience.judge(Death(exit=0), lived=0.0, now=0.0) is Verdict.REST
    assert patience.judge(Death(exit=0), lived=9000.0, now=0.0) is Verdict.REST
    assert patience.crashes == 0


def test_exit_75_is_no_crash(patience: RestartPolicy) -> None:
    assert patience.judge(ONCE_MORE, lived=0.1, now=0.0) is Verdict.AGAIN
    assert patience.crashes == 0


def test_exit_75_over_and_over_is_a_loop_and_counts(patience: RestartPolicy) -> None:
    for _ in range(RESTARTS):
        assert patience.judge(ONCE_MORE, lived=0.1, now=0.0) is Verdict.AGAIN
    assert patience.judge(ONCE_MORE, lived=0.1, now=0.0) is Verdict.LATER
    assert patience.judge(ONCE_MORE, lived=0.1, now=RESTARTS_WITHIN) is Verdict.AGAIN


def test_a_healthy_while_forgets_the_crashes_before_it(patience: RestartPolicy) -> None:
    patience.judge(CRASH, lived=0.1, now=0.0)
    patience.judge(CRASH, lived=59.9, now=0.0)
    assert patience.crashes == 2
    patience.judge(CRASH, lived=60.0, now=0.0)
    assert (patience.crashes, patience.delay) == (1, 1.0)


@pytest.mark.parametrize("code", NEEDS_A_PERSON)
def test_what_needs_a_person_is_given_up_at_once_and_is_no_crash(patience: RestartPolicy, code: int) -> None:
    assert patience.judge(Death(exit=code), lived=0.1, now=0.0) is Verdict.GIVE_UP
    assert patience.crashes == 0


def test_a_full_disk_is_tried_again_for_ever_and_costs_no_patience(patience: RestartPolicy) -> None:
    for _ in range(20):
        assert patience.judge(Death(exit=NO_ROOM), lived=0.1, now=0.0) is Verdict.LATER
        assert patience.delay == 5.0
    assert patience.judge(CRASH, lived=0.1, now=0.0) is Verdict.LATER
    assert (patience.crashes, patience.delay) == (1, 1.0)


def test_a_wait_status_is_read_as_exit_code_or_signal() -> None:
    assert Death.of(3 << 8) == Death(exit=3)
    assert Death.of(signal.SIGKILL) == Death(signal=9)
    assert str(Death(signal=9)) == "killed by SIGKILL"
    assert str(Death(exit=3)) == "exit status 3"
