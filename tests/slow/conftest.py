"""What takes minutes: real time, crowds, fronts that succeed each other. Collected where it is asked for."""

from pathlib import Path

import pytest

from tests.end_to_end.conftest import *  # noqa: F403  # its fixtures and all that they stand on

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only a command line that names this folder, or a file in it, runs these tests."""
    asked = [Path(config.invocation_params.dir, word.partition("::")[0]) for word in config.args]
    return None if any(path.is_relative_to(HERE) for path in asked) else True
