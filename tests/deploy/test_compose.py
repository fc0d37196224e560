"""deploy/compose.yaml, as far as it can be checked without a Docker engine."""

import re
from typing import Any

import pytest
import yaml

from server.core.settings.definitions import KNOWN
from server.core.settings.environment import read
from tests.deploy import image
from tests.project.packages import ROOT

DEPLOY = ROOT / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MOTTE = SERVICES["motte"]

#: Keys of the Compose Specification that the file may use, by their types.
#: https://github.com/compose-spec/compose-spec/blob/main/05-services.md
SERVICE_KEYS: dict[str, type] = {
    "build": dict,
    "cap_drop": list,
    "command": str,
    "depends_on": dict,
    "env_file": list,
    "environment": dict,
    "image": str,
    "ports": list,
    "profiles": list,
    "read_only": bool,
    "restart": str,
    "security_opt": list,
    "stop_grace_period": str,
    "tmpfs": list,
    "user": str,
    "volumes": list,
}


def filled(text: str, **given: str) -> str:
    """The text with its variables: those that are given, and the defaults of the others."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: given.get(found[1], found[2]), text)


def test_it_has_only_keys_of_the_specification_with_values_of_their_types() -> None:
    assert set(COMPOSE) == {"name", "services", "volumes"}
    for name, service in SERVICES.items():
        for key, value in service.items():
            assert isinstance(value, SERVICE_KEYS[key]), f"{name}.{key}"


def test_only_motte_starts_without_a_profile() -> None:
    profiles = {name: service.get("profiles") for name, service in SERVICES.items()}
    assert profiles == {"motte": None, "proxy": ["proxy"], "n8n": ["n8n"]}


def test_every_variable_has_a_default_and_a_line_that_explains_it() -> None:
    used = set(re.findall(r"\$\{(\w+):-[^}]+\}", TEXT))
    assert used == set(re.findall(r"\$\{?(\w+)", TEXT))
    assert used == set(re.findall(r"^#   ([A-Z_]+)  ", TEXT, re.MULTILINE))
    assert not [name for name in used if name.startswith("MOTTE_")]  # those are settings, of motte.env


def test_every_volume_is_declared_and_no_other_is() -> None:
    mounts = [filled(mount).split(":") for service in SERVICES.values() for mount in service["volumes"]]
    assert {name for name, *_ in mounts} == set(COMPOSE["volumes"])


def test_the_state_may_be_a_folder_of_the_host_with_its_own_owner() -> None:
    [mount] = MOTTE["volumes"]
    assert filled(mount, STATE="/srv/motte") == "/srv/motte:/var/lib/motte"
    assert filled(MOTTE["user"], USER_ID="1000:1000") == "1000:1000"


def test_it_fits_the_image() -> None:
    [volume], [user], [port] = image.said("VOLUME"), image.said("USER"), image.said("EXPOSE")
    assert filled(MOTTE["volumes"][0]).split(":")[1] == volume
    assert filled(MOTTE["user"]) == f"{user}:{user}"
    assert filled(MOTTE["ports"][0]) == f"127.0.0.1:8090:{port}"
    assert (DEPLOY / MOTTE["build"]["context"] / "Dockerfile").is_file()


@pytest.mark.parametrize("name", ["motte", "n8n"])
def test_plain_http_is_on_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])


def test_motte_has_no_privileges_and_writes_to_its_state_alone() -> None:
    assert MOTTE["read_only"]
    assert MOTTE["cap_drop"] == ["ALL"]
    assert MOTTE["security_opt"] == ["no-new-privileges:true"]


def test_a_stop_gets_the_time_that_motte_needs() -> None:
    assert int(MOTTE["stop_grace_period"].removesuffix("s")) > 10


def test_the_proxy_and_n8n_wait_for_the_health_check_of_motte() -> None:
    assert image.said("HEALTHCHECK")
    for name in ("proxy", "n8n"):
        assert SERVICES[name]["depends_on"] == {"motte": {"condition": "service_healthy"}}
    assert SERVICES["proxy"]["command"].endswith(f"--to motte:{image.said('EXPOSE')[0]}")


def test_its_file_of_settings_is_one_that_motte_can_read() -> None:
    [name] = MOTTE["env_file"]
    lines = [line.removeprefix("#") for line in (DEPLOY / name).read_text().splitlines()]
    settings = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert settings
    assert set(settings) <= {setting.name for setting in KNOWN}
    read({name: text for name, text in settings.items() if "LISTEN" not in name})
