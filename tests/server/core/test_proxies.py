"""Proxies: which URLs are taken, what of them is shown, and which targets go through one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.host_proxy import HostProxy, check_setting, host_proxy, is_loopback
from server.core.proxies import MAX_URL_CHARACTERS, URL_PATTERN, Proxy, shown

WHATSAPP = "wss://web.whatsapp.com/ws/chat"

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("text", "visible", "credentials"),
    [
        ("http://10.0.0.1:3128", "http://10.0.0.1:3128", (None, "")),
        ("https://proxy.example.com:8443/", "https://proxy.example.com:8443", (None, "")),
        ("socks5://ann:secret@10.0.0.1:1080", "socks5://10.0.0.1:1080", ("ann", "secret")),
        ("socks5h://[2001:db8::1]:1080", "socks5://[2001:db8::1]:1080", (None, "")),
        ("http://ann:p%40ss%3Aw%C3%B6rd@h:1", "http://h:1", ("ann", "p@ss:wörd")),
        ("http://token:@h:1", "http://h:1", ("token", "")),
        ("HTTP://Proxy.Example.Com:1", "http://proxy.example.com:1", (None, "")),
    ],
)
def test_a_proxy_is_read_and_shown_without_its_credentials(
    text: str, visible: str, credentials: tuple[str | None, str]
) -> None:
    proxy = Proxy.parse(text)
    assert str(proxy) == visible
    assert (proxy.user, proxy.password) == credentials
    assert "secret" not in repr(proxy)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.1:3128",
        "http://10.0.0.1",  # programs do not agree which port that means
        "http://:3128",
        "http://h:0",
        "http://h:65536",
        "http://h:port",
        "ftp://h:1",
        "socks4://h:1",
        "socks://h:1",
        "http://h:1/path",
        "http://h:1?q=1",
        "http://h:1#f",
        "http://h h:1",
        "http://h:1\n",
        "http://a\r\nb@h:1",
        "http://ann:a%0d%0ab@h:1",
        "http://ann:%ff@h:1",
        "http://a%3Ab:secret@h:1",  # Basic ends a name with a colon
        "http://:@h:1",
        "socks5://ann@h:1",  # SOCKS5 has no empty password
        f"socks5://ann:{'x' * 256}@h:1",
        f"http://{'h' * 1000}:1",
        "http://[::1:1",
        "http://[fe80::1%25eth0]:1",
        "http://-h:1",
    ],
)
def test_what_is_no_proxy_is_refused_with_the_rule_and_without_the_text(text: str) -> None:
    with pytest.raises(ValueError, match="must be the URL of a proxy") as refused:
        Proxy.parse(text)
    assert "secret" not in str(refused.value)
    assert refused.value.__context__ is None or text not in str(refused.value.__context__) or not text


@pytest.mark.parametrize("text", ["http://%3A@h:1", "http://a%3ab:secret@h:1"])
def test_the_description_allows_no_colon_in_a_name_of_http(text: str) -> None:
    assert re.search(URL_PATTERN, text) is None
    with pytest.raises(ValueError, match="must be the URL of a proxy"):
        Proxy.parse(text)


@settings(max_examples=300)
@given(st.from_regex(URL_PATTERN).filter(lambda text: len(text) <= MAX_URL_CHARACTERS))
def test_what_the_description_allows_is_taken(text: str) -> None:
    assert str(Proxy.parse(text)) == shown(Proxy.parse(text).url)


def test_the_description_allows_what_people_write() -> None:
    for text in ("http://10.0.0.1:3128", "socks5://ann:p%40ss@[2001:db8::1]:1080/", "https://token@h:65535"):
        assert re.search(URL_PATTERN, text)
    for text in ("http://h:65536", "http://h", "socks5://ann@h:1", "http://h:1/path", "h:1", "http://h:1\n"):
        assert not re.search(URL_PATTERN, text)


@given(user=TEXTS.filter(lambda text: ":" not in text), password=TEXTS)
def test_the_url_of_a_proxy_is_read_as_the_same_proxy(user: str, password: str) -> None:
    for scheme in ("http", "https", "socks5"):
        proxy = Proxy(scheme, "h", 1, user, password)
        try:
            read = Proxy.parse(proxy.url)
        except ValueError:  # too long
            assert max(len(user.encode()), len(password.encode())) > 255
        else:
            assert read == proxy


def test_the_longest_credentials_are_read_again_from_the_url_that_is_stored() -> None:
    proxy = Proxy.parse(f"http://{'!' * 255}:{'!' * 255}@{'h' * 253}:65535")
    assert Proxy.parse(proxy.url) == proxy


def test_without_the_setting_other_programs_variables_do_not_count() -> None:
    assert host_proxy(None, {"HTTPS_PROXY": "http://h:1", "ALL_PROXY": "http://h:1"}) is None


@pytest.mark.parametrize(
    ("environ", "visible"),
    [
        ({"HTTPS_PROXY": "http://h:1"}, "http://h:1"),
        ({"ALL_PROXY": "socks5h://h:1"}, "socks5://h:1"),
        ({"ALL_PROXY": "socks5://other:1", "HTTPS_PROXY": "http://h:1"}, "http://h:1"),
        ({"HTTPS_PROXY": "http://other:1", "https_proxy": "h:1"}, "http://h:1"),
        ({"HTTPS_PROXY": "", "all_proxy": "http://h:1"}, "http://h:1"),
    ],
)
def test_the_word_environment_lets_them_count(environ: dict[str, str], visible: str) -> None:
    found = host_proxy("environment", environ)
    assert found
    assert str(found.of(WHATSAPP)) == visible


@pytest.mark.parametrize(
    ("environ", "rule"),
    [
        ({}, "neither HTTPS_PROXY nor ALL_PROXY is set"),
        ({"HTTP_PROXY": "http://h:1"}, "neither HTTPS_PROXY nor ALL_PROXY is set"),
        ({"https_proxy": "ann:secret@h"}, "HTTPS_PROXY must be the URL of a proxy"),
    ],
)
def test_an_environment_without_a_proxy_is_no_way(environ: dict[str, str], rule: str) -> None:
    with pytest.raises(ValueError, match=rule) as refused:
        host_proxy("environment", environ)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("exceptions", "url", "is_direct"),
    [
        ("", WHATSAPP, False),
        ("*", WHATSAPP, True),
        ("web.whatsapp.com", WHATSAPP, True),
        ("whatsapp.com", WHATSAPP, True),
        (".whatsapp.com", WHATSAPP, True),
        ("*.whatsapp.com", WHATSAPP, True),
        ("WhatsApp.com, other.example", WHATSAPP, True),
        ("sapp.com", WHATSAPP, False),
        ("web.whatsapp.com:8443", "wss://web.whatsapp.com:8443/", True),
        ("web.whatsapp.com:8443", "wss://web.whatsapp.com:444/", False),
        ("10.0.0.0/8", "ws://10.1.2.3:80/", True),
        ("10.0.0.0/8", "ws://11.1.2.3:80/", False),
        ("2001:db8::/32", "ws://[2001:db8::1]:80/", True),
        ("[2001:db8::1]", "ws://[2001:db8::1]:80/", True),
    ],
)
def test_no_proxy_names_the_targets_that_are_reached_directly(
    exceptions: str, url: str, is_direct: bool
) -> None:
    found = host_proxy("environment", {"HTTPS_PROXY": "http://h:1", "NO_PROXY": exceptions})
    assert found
    assert (found.of(url) is None) == is_direct


def test_no_proxy_counts_for_the_environment_alone() -> None:
    found = host_proxy("http://h:1", {"NO_PROXY": "*"})
    assert found
    assert found.of(WHATSAPP) is not None


@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]
)
def test_loopback_never_goes_through_a_proxy(host: str) -> None:
    assert is_loopback(host)
    target = f"[{host}]" if ":" in host else host
    assert (
        HostProxy(Proxy.parse("http://h:1"), setting="http://h:1").of(f"ws://{target}:8091/ws/chat") is None
    )


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "localhost.example.com", "web.whatsapp.com", "128.0.0.1", "::2"]
)
def test_other_targets_do(host: str) -> None:
    assert not is_loopback(host)


def test_a_setting_is_a_url_or_the_word_environment() -> None:
    check_setting("environment")
    check_setting("http://ann:secret@h:1")
    with pytest.raises(ValueError, match="or the word environment") as refused:
        check_setting("Environment-secret")
    assert "secret" not in str(refused.value)
