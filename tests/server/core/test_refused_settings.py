"""What each setting refuses."""

import pytest

from server.core.settings.definitions import (
    KNOWN,
    Setting,
)
from server.core.settings.environment import quoted
from tests.server.core.settings_read import problems


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


@pytest.mark.parametrize("setting", [one for one in KNOWN if one.field != "state"], ids=lambda one: one.name)
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
    "MOTTE_WARM_SPARES": ["-1", "17", "1.5", "many"],
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


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_value_in_quotes_that_breaks_its_rule_is_reported_with_them(quote: str) -> None:
    (problem,) = problems({"MOTTE_RATE_LIMIT": f"{quote}5{quote}"})
    assert problem.endswith("; the value has quotes around it, which an env file of Docker passes on")
    assert quoted({"MOTTE_API_KEY": f"{quote}key{quote}", "MOTTE_STATE": quote}) == ["MOTTE_API_KEY"]
