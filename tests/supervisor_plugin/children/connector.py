"""A stand-in for a connector: it says what it is asked, and ends as it is told, an order a line."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

inherited = sorted(int(file.name) for file in Path("/proc/self/fd").iterdir() if file.exists())
if sys.argv[1] == "--spare":
    Path("warm").touch()
    session = sys.stdin.readline().strip()
    folder = "/proc/self/cwd"
else:
    session = sys.argv[1]
    folder = f"{os.environ['MOTTE_STATE']}/sessions/{session}"
events = os.open(f"{folder}/events.fifo", os.O_WRONLY)
orders = os.open(f"{folder}/commands.fifo", os.O_RDWR)


def say(event: str, **more: Any) -> None:
    os.write(events, json.dumps({"event": event, **more}).encode() + b"\n")


def next_order() -> list[str]:
    """Read byte by byte: what follows is for the next start."""
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(orders, 1)
    return line.decode().split()


def end_on_term() -> None:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


def linger_on_term(seconds: str) -> None:
    def end(*_: object) -> None:
        time.sleep(float(seconds))
        os._exit(0)

    signal.signal(signal.SIGTERM, end)


def ignore_term() -> None:
    signal.signal(signal.SIGTERM, lambda *_: say("TERM", pid=os.getpid()))


def tear() -> None:
    """Be killed in the middle of a line."""
    os.write(events, b'{"event": "torn')
    os.kill(os.getpid(), signal.SIGKILL)


def signals() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return dict(line.split(":\t") for line in lines if line.startswith("Sig"))


ORDERS: dict[str, Callable[..., Any]] = {
    "say": lambda *words: words,
    "exit": lambda code: os._exit(int(code)),
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "linger": linger_on_term,
    "ignore": ignore_term,
    "print": lambda text: os.write(1, text.encode()),
    "log": lambda text: os.write(2, text.encode()),
    "hush": lambda: os.close(2),
    "tear": tear,
    "signals": signals,
    "files": lambda: inherited,
    "environment": lambda: dict(os.environ),
    "allocate": lambda mib: len(bytearray(int(mib) << 20)) >> 20,
    "umask": lambda: os.umask(0o077),
}

end_on_term()  # before the event `up`: the test may stop it right after that
say("up", pid=os.getpid())
sys.stderr.write(f"session={session} event=started\n")
while True:
    order, *rest = next_order()
    say(order, answer=ORDERS[order](*rest))
