"""Addresses are listened on as they are written, by the check before the start and by the start alike."""

import socket
import stat
from pathlib import Path

import pytest

from server.core.addresses import Address, SocketPath, parse_listen
from server.core.listeners import CannotListen, bind_all, close_all

ANY = "[::]:0"


def reached(family: socket.AddressFamily, host: str, port: int) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as client:
        return client.connect_ex((host, port)) == 0


@pytest.mark.parametrize(
    ("text", "ipv4", "ipv6"),
    [
        ("127.0.0.1:0", True, False),
        ("[::1]:0", False, True),
        (ANY, True, True),
        ("0.0.0.0:0", True, False),
        ("[::ffff:127.0.0.1]:0", True, False),
    ],
)
def test_an_address_is_reached_by_its_families(text: str, ipv4: bool, ipv6: bool) -> None:
    bound = bind_all(parse_listen(text))
    for server in bound:
        server.listen()
    port = bound[0].getsockname()[1]
    assert reached(socket.AF_INET, "127.0.0.1", port) is ipv4
    assert reached(socket.AF_INET6, "::1", port) is ipv6
    close_all(bound)


@pytest.mark.parametrize(
    "text", ["[::]:{}", "0.0.0.0:{}", "[::ffff:127.0.0.1]:{}", "127.0.0.1:0,127.0.0.1:{}"]
)
def test_a_port_that_is_taken_on_one_address_is_no_port_for_all(text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match="Address already in use") as error:
            bind_all(parse_listen(text.format(port)))
    assert str(port) in str(error.value.address)


def test_all_addresses_of_a_name_have_one_port() -> None:
    bound = bind_all([Address("localhost", 0)])
    assert len({server.getsockname()[1] for server in bound}) == 1
    close_all(bound)


def test_a_unix_socket_is_for_its_user_and_group_and_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    for _ in range(2):
        bound = bind_all([SocketPath(path)])
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        close_all(bound)
        assert not path.exists()


def test_a_unix_socket_that_a_dead_server_left_is_replaced_and_a_live_one_is_not(tmp_path: Path) -> None:
    path = SocketPath(tmp_path / "api.sock")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()
        with pytest.raises(CannotListen, match="Address already in use"):
            bind_all([path])
    close_all(bind_all([path]))


def test_a_file_in_the_place_of_a_unix_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear Ann")
    with pytest.raises(CannotListen, match="no socket"):
        bind_all([SocketPath(tmp_path / "letter")])
    assert (tmp_path / "letter").read_text() == "Dear Ann"
