"""A server that floods its clients, with threads of its own: `python flood_server.py KIND`.

It runs in another process, so that only the work of the client slows the client's event loop.
Its first line is its port.
"""

import socket
import sys
import threading
from contextlib import suppress

#: What comes once, and what comes without end.
KINDS = {
    "interim": (b"", b"HTTP/1.1 103 E\r\n\r\n"),
    "answers": (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


def flood(connection: socket.socket, first: bytes, again: bytes) -> None:
    """Returns once the client is gone."""
    many = again * (256 * 1024 // len(again))
    with connection, suppress(OSError):
        connection.recv(65536)
        connection.sendall(first)
        while True:
            connection.sendall(many)


def main() -> None:
    first, again = KINDS[sys.argv[1]]
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=flood, args=(connection, first, again), daemon=True).start()


if __name__ == "__main__":
    main()
