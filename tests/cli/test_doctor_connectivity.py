"""`motte doctor` on the way to WhatsApp."""

import socket
import threading

import pytest

from server.cli.doctor.connectivity import Endpoint, check_whatsapp
from server.cli.doctor.finding import Verdict

NOWHERE = Endpoint("127.0.0.1", 1, tls=False)


def test_an_endpoint_that_answers_is_ok() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = Endpoint("127.0.0.1", server.getsockname()[1], tls=False)
        assert check_whatsapp(there).verdict is Verdict.OK


def test_an_endpoint_that_refuses_is_a_warning() -> None:
    finding = check_whatsapp(NOWHERE)
    assert finding.verdict is Verdict.WARNING
    assert "127.0.0.1:1: it cannot be reached: Connection refused" in finding.detail


def test_an_endpoint_that_falls_silent_is_a_warning_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = Endpoint("127.0.0.1", server.getsockname()[1], tls=True)
        others = threading.enumerate()
        finding = check_whatsapp(silent, within=0.2)
        # Without the server, Python's ssl would leave the socket open that it has begun to wrap.
        for thread in set(threading.enumerate()) - set(others):
            thread.join()
    assert finding.verdict is Verdict.WARNING


def test_a_name_that_cannot_be_resolved_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    assert "cannot be resolved" in check_whatsapp(Endpoint("web.whatsapp.com", 443, tls=True)).detail


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("wss://web.whatsapp.com/ws/chat", Endpoint("web.whatsapp.com", 443, tls=True)),
        ("ws://[::1]:8091/ws/chat", Endpoint("::1", 8091, tls=False)),
    ],
)
def test_the_endpoint_is_the_one_of_the_url(url: str, endpoint: Endpoint) -> None:
    assert Endpoint.of(url) == endpoint
