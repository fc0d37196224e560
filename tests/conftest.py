"""What holds for all tests."""

from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.support.time_limit import lift_time_limit, seconds_of, time_limit

# A busy machine is slow now and then: that an example took long is no finding.
settings.register_profile("motte", deadline=None)
settings.load_profile("motte")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    with time_limit(seconds_of(item.path)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with time_limit(seconds_of(item.path)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    with time_limit(seconds_of(item.path)):
        return (yield)


def pytest_enter_pdb() -> None:
    lift_time_limit()
