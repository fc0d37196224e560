"""The event loop of the front: it takes in a crowd in small parts."""

import asyncio
import select
import selectors

#: Connections and pipes that one turn of the loop serves. Work that others wait for goes on between two
#: turns: while the requests of a thousand readers are read, the first one has a new code fetched already.
MOST_IN_A_TURN = 32


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Returns an event loop whose turns are short."""
    return asyncio.SelectorEventLoop(_Selector())


class _Epoll:
    """Epoll that reports few ready descriptors at once. The kernel reports the others next."""

    def __init__(self) -> None:
        epoll = select.epoll()
        self._poll = epoll.poll
        self.register, self.modify, self.unregister = epoll.register, epoll.modify, epoll.unregister
        self.close, self.fileno = epoll.close, epoll.fileno

    def poll(self, timeout: float, most: int) -> list[tuple[int, int]]:
        """Called by the selector, which asks for all of them."""
        return self._poll(timeout, min(most, MOST_IN_A_TURN))


class _Selector(selectors.EpollSelector):
    """Python's own, which has no option for that. A test counts: another Python may make it otherwise."""

    _selector_cls = _Epoll
