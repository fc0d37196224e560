"""Settings that are read, and what is wrong with those that are not."""

import pytest

from server.core.settings.environment import ConfigError, read
from server.core.settings.model import Settings


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read({"MOTTE_STATE": "/srv/motte"} | environ)
    return str(error.value).splitlines()


def accepted(**environ: str) -> Settings:
    return read({"MOTTE_STATE": "/srv/motte"} | environ)
