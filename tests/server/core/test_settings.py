"""Settings: what may be said, what is refused and how, and whether the docs tell the truth."""

import pwd
import re
import socket
import string
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.addresses import Address, Listen, Origins, SocketPath
from server.core.paths import StateFolder
from server.core.settings.definitions import (
    HANDED_ON,
    KNOWN,
    LOCATIONS,
    OF_COMMANDS,
    SETTINGS,
    Setting,
)
from server.core.settings.environment import ConfigError, quoted, read, to_environ
from server.core.settings.model import AccessLog, Isolation, LogFormat, Settings
from server.core.settings.validators import SOCKET_SUFFIX

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"

NAME = attrgetter("name")

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


def test_an_unknown_variable_is_refused_with_the_nearest_name() -> None:
    assert problems({"MOTTE_QR_TIMOUT": "30"}) == [
        "MOTTE_QR_TIMOUT is not a setting: did you mean MOTTE_QR_TIMEOUT?"
    ]


def test_an_unknown_variable_like_no_other_is_refused_without_a_guess() -> None:
    assert problems({"MOTTE_ZZZZZZZZZZZZZZZZZZZZZ": "1"}) == ["MOTTE_ZZZZZZZZZZZZZZZZZZZZZ is not a setting"]


def test_a_name_cannot_end_the_line_of_its_error() -> None:
    (problem,) = problems({"MOTTE_A\nError: \x1b[31m": "1"})
    assert problem == "MOTTE_A\N{REPLACEMENT CHARACTER}Error: \N{REPLACEMENT CHARACTER}[31m is not a setting"


def test_every_problem_is_told_at_once() -> None:
    found = problems({"MOTTE_LISTEN": "8090", "MOTTE_QR_TIMEOUT": "soon", "MOTTE_COLOUR": "red"})

    assert [problem.split()[0] for problem in found] == ["MOTTE_COLOUR", "MOTTE_LISTEN", "MOTTE_QR_TIMEOUT"]


@pytest.mark.parametrize("setting", [one for one in KNOWN if one.field != "state"], ids=NAME)
def test_a_problem_never_shows_the_value(setting: Setting) -> None:
    assert "s3cr3t" not in " ".join(problems({setting.name: "s3cr3t value\n"}))


SECONDS = ["0", "-1", "nan", "inf", "-inf", "1e9", "30s", "half", "1,5"]
REFUSED = {
    "MOTTE_SEND_RATE": ["-1", "fast", "1001", "nan"],
    "MOTTE_NEW_CHAT_RATE": ["-0.1", "6/min", "inf"],
    "MOTTE_CONNECTOR_ISOLATION": ["1", "ON", "true", "no"],
    "MOTTE_NODE": ["node", "bin/node", "~/node", '/opt/"node"/bin/node', "/opt/a\\b", "/opt/a\nb"],
    "MOTTE_PROXY": [
        "proxy",
        "http://proxy",
        "ftp://proxy:1",
        "http://proxy:1/path",
        "ENVIRONMENT",
    ],
    "MOTTE_LISTEN": [
        "8090",
        ":8090",
        "localhost",
        "localhost:",
        "localhost:65536",
        "localhost:-1",
        "::1:8090",
        "[::1]",
        "[localhost]:8090",
        "[::g]:8090",
        "http://localhost:8090",
        "a b:1",
        "localhost:8090\n",
        "h:८",
    ],
    "MOTTE_LOG_FORMAT": ["JSON", "logfmt", " text"],
    "MOTTE_ACCESS_LOG": ["1", "errors", "All"],
    "MOTTE_API_KEY": ["4711", "two words" * 4, "0123456789abcdef" * 2 + "\n", "schlüssel" * 4, "\x7f" * 32],
    "MOTTE_WHATSAPP_URL": [
        "web.whatsapp.com",
        "https://web.whatsapp.com",
        "wss://",
        "wss:///ws",
        "wss://h:x/",
        "wss://h:70000/",
        "wss://h/#part",
        "wss://h/\n",
        "wss://[::1/",
        "wss://h/ ws",
    ],
    "MOTTE_WHATSAPP_ROOT_KEY": ["ab", "0" * 63, "0" * 65, "g" * 64, "0" * 64 + "\n"],
    "MOTTE_WHATSAPP_VERSION": ["2.3000", "2,3000,1", "2.3000.1.1", "v2.3000.1", "2.3000.", "2.3000.1\n"],
    "MOTTE_WHATSAPP_VERSION_URL": ["h/sw.js", "ftp://h/", "https://", "https://a:b@h/", "https://h/#a"],
    "MOTTE_QR_TIMEOUT": SECONDS,
    "MOTTE_REFRESH_TIMEOUT": SECONDS,
    "MOTTE_QR_LIFETIME": SECONDS,
    "MOTTE_QR_MIN_VALIDITY": ["-0.1", "nan", "inf", "two"],
    "MOTTE_PUBLIC_URL": [
        "motte.example",
        "ftp://h",
        "https://",
        "https://h/?a=b",
        "https://h/#a",
        "https://a:b@h/",
    ],
    "MOTTE_CORS_ORIGINS": [
        "*",
        "https://*.example",
        "null",
        "app.example",
        "https://app.example/",
        "https://app.example/path",
        "https://app.example?a",
        "https://a:b@app.example",
        "ftp://app.example",
        "https://app.example,",
        "https://app.example;https://b.example",
        "https://app.example https://b.example",
        "https://app.example:port",
        "https://app.example\nX: y",
    ],
    "MOTTE_CONNECTOR_MEMORY": ["0", "159", "65537", "256.5", "1e3", "much"],
    "MOTTE_MAX_MESSAGES": ["99", "10000001", "1e5", "-1", "many", "1" * 5000],
    "MOTTE_MAX_MESSAGE_STORAGE": ["0", "1048577", "1.5", "MiB"],
    "MOTTE_ALLOW_PRIVATE_WEBHOOKS": ["yes", "2", "true"],
    "MOTTE_MESSAGE_RETENTION": ["0", "-1", "315360001", "a week", "nan"],
    "MOTTE_START_CONCURRENCY": ["0", "-1", "1.5", "1001", "many"],
    "MOTTE_MAX_SESSIONS": ["0", "-1", "1.5", "100001", "many"],
    "MOTTE_MIN_FREE_MEMORY": ["-1", "1.5", "65537", "128MB", "some"],
    "MOTTE_RATE_LIMIT": ["0", "-1", "nan", "inf", "many"],
    "MOTTE_SANDBOX": ["yes", "2", "true"],
    "MOTTE_SANDBOX_LISTEN": ["8091"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in REFUSED.items() for text in texts]
)
def test_what_breaks_a_rule_is_refused_by_name_and_rule(name: str, text: str) -> None:
    (problem,) = problems({name: text})

    assert problem.startswith(f"{name} must be ")


def test_every_setting_but_the_folder_is_tried_with_what_it_refuses() -> None:
    assert {"MOTTE_STATE", *REFUSED} == {setting.name for setting in KNOWN}


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


def test_the_state_is_kept_in_the_home_folder_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")

    assert read({}).state == Path("/home/ann/.local/state/motte")


def test_the_state_is_kept_where_the_desktop_keeps_states() -> None:
    assert read({"XDG_STATE_HOME": "/var/states"}).state == Path("/var/states/motte")


def test_a_relative_place_for_states_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")

    assert read({"XDG_STATE_HOME": "states"}).state == Path("/home/ann/.local/state/motte")


def test_a_relative_state_folder_is_the_same_one_for_every_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert accepted(MOTTE_STATE="motte").state == tmp_path / "motte"


def test_the_longest_state_folder_has_room_for_the_socket_as_supervisord_binds_it() -> None:
    longest = Path("/" + "s" * 82)

    state = accepted(MOTTE_STATE=str(longest)).state

    with socket.socket(socket.AF_UNIX) as unix, pytest.raises(FileNotFoundError):  # and not: path too long
        unix.bind(f"{StateFolder(state).supervisor_socket}{SOCKET_SUFFIX}")


def test_a_state_folder_too_long_for_the_socket_is_told_how_much_to_cut() -> None:
    (problem,) = problems({"MOTTE_STATE": "/" + "s" * 89})

    assert problem == (
        "MOTTE_STATE must be a path of at most 83 bytes, 7 fewer than now: "
        "supervisord binds supervisor.sock.<pid> in it, and a unix socket's path has 107"
    )


def test_a_state_folder_has_83_bytes_at_most() -> None:
    longest = "/" + "s" * 82
    assert accepted(MOTTE_STATE=longest).state == Path(longest)
    (problem,) = problems({"MOTTE_STATE": f"{longest}s"})
    assert "at most 83 bytes, 1 fewer" in problem


def test_a_state_folder_is_measured_in_bytes() -> None:
    (problem,) = problems({"MOTTE_STATE": "/" + "é" * 45})

    assert "at most 83 bytes, 8 fewer" in problem


@pytest.mark.parametrize("setting", KNOWN, ids=NAME)
def test_the_docs_have_each_setting_with_its_default_and_meaning(setting: Setting) -> None:
    default = f"`{setting.default}`" if setting.default else "unset"

    assert f"\n| `{setting.name}` | {default} | {setting.help} |\n" in DOCS.read_text()


def test_the_docs_name_no_variable_that_does_not_exist() -> None:
    known = {setting.name for setting in KNOWN} | {*HANDED_ON, *LOCATIONS, *OF_COMMANDS}

    assert set(re.findall(r"MOTTE_[A-Z_]+", DOCS.read_text())) == known


def test_an_option_is_named_after_its_variable() -> None:
    assert [setting.option for setting in SETTINGS][:3] == ["--state", "--listen", "--api-key"]


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read({"MOTTE_STATE": "/srv/motte"} | environ)
    return str(error.value).splitlines()


def accepted(**environ: str) -> Settings:
    return read({"MOTTE_STATE": "/srv/motte"} | environ)


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


@pytest.mark.parametrize("home", [None, "", "~"])
def test_without_a_home_folder_a_state_folder_has_to_be_named(
    home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(number: int) -> NoReturn:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    if home is None:
        monkeypatch.delenv("HOME", raising=False)
    else:
        monkeypatch.setenv("HOME", home)
    rule = "MOTTE_STATE must be a path without ~, because there is no home folder: HOME is not set"
    with pytest.raises(ConfigError, match=rule):
        read({})
    assert read({"MOTTE_STATE": "/srv/motte"}).state == Path("/srv/motte")


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_value_in_quotes_that_breaks_its_rule_is_reported_with_them(quote: str) -> None:
    (problem,) = problems({"MOTTE_RATE_LIMIT": f"{quote}5{quote}"})
    assert problem.endswith("; the value has quotes around it, which an env file of Docker passes on")
    assert quoted({"MOTTE_API_KEY": f"{quote}key{quote}", "MOTTE_STATE": quote}) == ["MOTTE_API_KEY"]
