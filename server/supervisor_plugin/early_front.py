"""The front's process, started before supervisord, which takes it over instead of starting one.

`motte serve` starts it, and becomes supervisord: its children stay, and so do the pipes to them. The process
has imported its modules meanwhile, and does nothing else until supervisord writes its environment to it
(server/cli/serve/early_front.py).
"""

import json
import os
import resource
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, Self

#: Variable by which supervisord gets it.
VARIABLE: Final = "MOTTE_EARLY_FRONT"

#: Limits that supervisord sets for itself and its children (rlimits.py).
_LIMITS: Final = (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)


class EarlyFront(NamedTuple):
    """A process, and the descriptors of this process's ends of its pipes."""

    pid: int
    stdin: int
    stdout: int

    def handed_on(self) -> dict[str, str]:
        """Keeps its pipes open during the next exec. Returns the variable for the program after it."""
        for end in (self.stdin, self.stdout):
            os.set_inheritable(end, True)
        return {VARIABLE: " ".join(map(str, self))}

    @classmethod
    def taken(cls, environ: MutableMapping[str, str]) -> Self | None:
        """Returns the one that this process was handed; None without one, and at the second call."""
        words = environ.pop(VARIABLE, "").split()
        if not words:
            return None
        early = cls(*map(int, words))
        for end in (early.stdin, early.stdout):
            os.set_inheritable(end, False)
            os.set_blocking(end, False)  # as supervisord makes them
        return early

    def is_alive(self) -> bool:
        """Whether it runs. One that has ended may have been reaped already."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def end(self) -> None:
        """Ends it before it has done anything."""
        for end in (self.stdin, self.stdout):
            os.close(end)

    @contextmanager
    def stands_in(self, options: Any) -> Generator[None]:
        """During the block, supervisord gets this process and these pipes where it would make new ones.

        options: supervisord's own.
        """
        for limit in _LIMITS:
            resource.prlimit(self.pid, limit, resource.getrlimit(limit))
        options.fork = lambda: self.pid
        options.make_pipes = lambda stderr=True: _pipes(stdin=self.stdin, stdout=self.stdout)
        try:
            yield
        finally:
            del options.fork, options.make_pipes


def order(environ: Mapping[str, str]) -> bytes:
    """Returns the line that tells an early front to go on, with this environment."""
    return json.dumps(dict(environ)).encode() + b"\n"


def _pipes(**parents: int) -> dict[str, int | None]:
    """Returns the parent's ends as supervisord keeps them. The child has its own."""
    names = ("stdin", "stdout", "stderr")
    return {name: parents.get(name) for name in names} | {f"child_{name}": None for name in names}
