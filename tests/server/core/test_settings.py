"""Settings: what may be said, what is refused and how, and whether the docs tell the truth."""

import re
import string
from dataclasses import fields
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.addresses import Address, Listen, Origins, SocketPath
from server.core.settings.definitions import (
    HANDED_ON,
    KNOWN,
    LOCATIONS,
    OF_COMMANDS,
    SETTINGS,
    Setting,
)
from server.core.settings.environment import read, to_environ
from server.core.settings.model import AccessLog, Isolation, LogFormat, Settings
from tests.server.core.settings_read import accepted, problems

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"

NAMES = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=20)
ADDRESSES = st.builds(Address, NAMES | st.ip_addresses().map(str), st.integers(min_value=0, max_value=65_535))
LIFETIMES = st.floats(min_value=0.5, max_value=3_600)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
NUMBERS = st.integers(min_value=0, max_value=2**32).map(str)

ANY_SETTINGS = st.builds(
    Settings,
    state=NAMES.map(lambda name: Path("/srv", name)),
    listen=st.lists(ADDRESSES, min_size=1, max_size=3).map(Listen),
    whatsapp_url=st.none() | NAMES.map(lambda name: f"wss://motte.example/{name}"),
    whatsapp_root_key=st.none() | HEX,
    whatsapp_version=st.none() | st.just("builtin") | st.tuples(NUMBERS, NUMBERS, NUMBERS).map(".".join),
    whatsapp_version_url=st.none() | NAMES.map(lambda name: f"https://motte.example/{name}"),
    qr_timeout=LIFETIMES,
    refresh_timeout=LIFETIMES,
    qr_lifetime=st.none() | LIFETIMES,
    qr_min_validity=st.floats(min_value=0, max_value=0.4),
    public_url=st.none() | NAMES.map(lambda name: f"https://motte.example/{name}"),
    cors_origins=st.none()
    | st.lists(NAMES.map(str.lower).map("https://{}.example".format), min_size=1, max_size=3).map(Origins),
    rate_limit=st.none() | st.floats(min_value=1e-6, max_value=1e9),
    max_messages=st.integers(min_value=100, max_value=10_000_000),
    max_message_storage=st.integers(min_value=1, max_value=1_048_576),
    allow_private_webhooks=st.booleans(),
    send_rate=st.floats(min_value=0, max_value=1000),
    new_chat_rate=st.floats(min_value=0, max_value=1000),
    warm_spares=st.integers(min_value=0, max_value=16),
    max_sessions=st.integers(min_value=1, max_value=100_000),
    min_free_memory=st.integers(min_value=0, max_value=65_536),
    log_format=st.sampled_from(LogFormat),
    access_log=st.sampled_from(AccessLog),
    connector_isolation=st.sampled_from(Isolation),
    node=st.none() | NAMES.map(lambda name: Path("/opt", name)),
    sandbox=st.booleans(),
    sandbox_listen=ADDRESSES,
)


@given(ANY_SETTINGS)
def test_another_process_reads_the_settings_that_it_was_handed(settings: Settings) -> None:
    assert read(to_environ(settings)) == settings


def test_the_key_is_not_handed_on() -> None:
    assert "secret" not in str(to_environ(Settings(state=Path("/srv/motte"), api_key="secret")))


def test_the_key_is_in_no_log_of_the_settings() -> None:
    assert "secret" not in repr(Settings(state=Path("/srv/motte"), api_key="secret"))


def test_what_is_not_set_is_as_the_record_of_settings_says() -> None:
    assert read({"MOTTE_STATE": "/srv/motte"}) == Settings(state=Path("/srv/motte"))


def test_every_setting_has_a_variable_and_every_variable_a_setting() -> None:
    assert [setting.field for setting in KNOWN] == [field.name for field in fields(Settings)]


def test_a_variable_set_to_nothing_is_unset() -> None:
    environ = {"MOTTE_STATE": "/srv/motte"} | {setting.name: "" for setting in SETTINGS[1:]}

    assert read(environ) == Settings(state=Path("/srv/motte"))


def test_other_programs_variables_are_not_our_concern() -> None:
    assert read({"MOTTE_STATE": "/srv/motte", "HOME": "/root", "MOTTES": "7"})


def test_what_serve_sets_for_its_processes_is_known() -> None:
    assert read({"MOTTE_STATE": "/srv/motte"} | dict.fromkeys(HANDED_ON, "/usr/bin/something"))


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        ("127.0.0.1:8090", Address("127.0.0.1", 8090)),
        ("localhost:0", Address("localhost", 0)),
        ("[::1]:8090", Address("::1", 8090)),
        ("motte-1.example.org:80", Address("motte-1.example.org", 80)),
    ],
)
def test_an_address_is_a_host_with_a_port(text: str, listen: Address) -> None:
    assert accepted(MOTTE_LISTEN=text).listen == (listen,)
    assert str(listen) == text


def test_several_addresses_and_a_unix_socket_may_be_listened_on() -> None:
    text = "127.0.0.1:8090,[::1]:8090,unix:/run/motte/api.sock"
    listen = accepted(MOTTE_LISTEN=text).listen
    assert str(listen) == text
    assert listen.address == Address("127.0.0.1", 8090)
    assert listen[2] == SocketPath("/run/motte/api.sock")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("unix:/run/motte/api.sock", "must have at least one host:port"),
        ("127.0.0.1:1,unix:api.sock", "must have an absolute path"),
        ("127.0.0.1:1,unix:/" + "x" * 107, "must have an absolute path of at most 107 bytes"),
        ("127.0.0.1:1,", "must be host:port"),
        ("127.0.0.1:1, 127.0.0.1:2", "must be host:port"),
    ],
)
def test_a_list_of_addresses_that_breaks_a_rule_is_refused_with_it(text: str, rule: str) -> None:
    assert problems({"MOTTE_LISTEN": text})[0].startswith(f"MOTTE_LISTEN {rule}")


def test_a_key_that_could_be_guessed_is_refused_with_a_way_to_make_one() -> None:
    shortest = "0123456789abcdef" * 2
    assert accepted(MOTTE_API_KEY=shortest).api_key == shortest
    assert accepted(MOTTE_API_KEY="abcdef" + "f" * 26).api_key is not None
    for text in (shortest[:-1], "abcde" + "e" * 27):
        (problem,) = problems({"MOTTE_API_KEY": text})
        assert "at least 32 characters, 6 of them different" in problem
        assert "`openssl rand -hex 32`" in problem
        assert text not in problem


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("MOTTE_QR_TIMEOUT", 3_600),
        ("MOTTE_REFRESH_TIMEOUT", 3_600),
        ("MOTTE_QR_LIFETIME", 3_600),
        ("MOTTE_MESSAGE_RETENTION", 315_360_000),
    ],
)
def test_a_time_has_a_longest_value(name: str, most: int) -> None:
    assert problems({name: f"{most}.001"})[0].endswith(str(most))
    assert accepted(**{name: str(most)})


def test_times_may_have_decimals() -> None:
    assert accepted(MOTTE_REFRESH_TIMEOUT="0.25").refresh_timeout == 0.25


def test_a_root_key_is_kept_in_lower_case() -> None:
    assert accepted(MOTTE_WHATSAPP_ROOT_KEY="AB" * 32).whatsapp_root_key == "ab" * 32


def test_an_origin_is_kept_as_browsers_write_it() -> None:
    text = "HTTPS://App.Example:443, http://localhost:3000,http://[::1]:80"
    origins = ("https://app.example", "http://localhost:3000", "http://[::1]")
    assert accepted(MOTTE_CORS_ORIGINS=text).cors_origins == origins


def test_a_public_url_ends_without_a_slash() -> None:
    assert accepted(MOTTE_PUBLIC_URL="https://motte.example/wa/").public_url == "https://motte.example/wa"


@pytest.mark.parametrize(
    ("lifetime", "validity", "shortest"), [("", "20", "20"), ("1.5", "2", "1.5"), ("60", "60", "60")]
)
def test_a_least_validity_that_no_code_could_have_is_refused(
    lifetime: str, validity: str, shortest: str
) -> None:
    assert problems({"MOTTE_QR_LIFETIME": lifetime, "MOTTE_QR_MIN_VALIDITY": validity}) == [
        f"MOTTE_QR_MIN_VALIDITY must be less than the shortest lifetime of a code, {shortest} seconds"
    ]


def test_a_longer_lifetime_allows_a_longer_least_validity() -> None:
    assert accepted(MOTTE_QR_LIFETIME="60", MOTTE_QR_MIN_VALIDITY="59").qr_min_validity == 59


@pytest.mark.parametrize("setting", KNOWN, ids=attrgetter("name"))
def test_the_docs_have_each_setting_with_its_default_and_meaning(setting: Setting) -> None:
    default = f"`{setting.default}`" if setting.default else "unset"

    assert f"\n| `{setting.name}` | {default} | {setting.help} |\n" in DOCS.read_text()


def test_the_docs_name_no_variable_that_does_not_exist() -> None:
    known = {setting.name for setting in KNOWN} | {*HANDED_ON, *LOCATIONS, *OF_COMMANDS}

    assert set(re.findall(r"MOTTE_[A-Z_]+", DOCS.read_text())) == known


def test_an_option_is_named_after_its_variable() -> None:
    assert [setting.option for setting in SETTINGS][:3] == ["--state", "--listen", "--api-key"]


@pytest.mark.parametrize(
    "name",
    [
        "MOTTE_SERVICE_HOST",
        "MOTTE_SERVICE_PORT",
        "MOTTE_SERVICE_PORT_HTTP",
        "MOTTE_PORT",
        "MOTTE_PORT_8090_TCP",
        "MOTTE_PORT_8090_TCP_ADDR",
        "MOTTE_WEB_SERVICE_HOST",
        "MOTTE_WEB_PORT",
    ],
)
def test_what_kubernetes_says_of_a_service_is_no_setting(name: str) -> None:
    assert accepted(**{name: "tcp://10.0.0.7:8090"}) == accepted()


@pytest.mark.parametrize(
    "name",
    ["MOTTE_SERVICE_PORT", "MOTTE_SERVICE_PORT_HTTP", "MOTTE_PORT_8090_TCP_PORT", "MOTTE_WEB_SERVICE_PORT"],
)
def test_neither_is_the_number_of_its_port(name: str) -> None:
    assert accepted(**{name: "8090"}) == accepted()


def test_a_port_that_a_person_sets_is_refused() -> None:
    assert problems({"MOTTE_PORT": "8090"})[0].startswith("MOTTE_PORT is not a setting")
