"""Connections to webhooks. What a server sends is bounded before it is parsed: it could be anybody's.

aiohttp parses all that came in one turn of the event loop, 256 KiB, and bounds no interim answers: 14,000 of
them in a turn take 0.1 s, for each connection and as long as the try lasts.
"""

from functools import partial
from typing import Any, cast

from aiohttp import (
    ClientConnectionError,
    ClientConnectionResetError,
    ClientRequest,
    ClientResponse,
    TCPConnector,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

#: Answers such as 100 and 103 that may come before the one that counts.
MAX_INTERIM_ANSWERS = 10

#: Bytes that may come after a request: interim answers, head, and body with the sizes of its chunks.
MAX_RECEIVED_BYTES = 80 * 1024

#: Bytes that are parsed before the bounds are looked at again.
PARSED_BYTES = 1024

#: Bytes that the kernel keeps until they are read, which is what comes in one turn. It doubles the number.
RECEIVE_BUFFER_BYTES = 8 * 1024


class OutOfStep(ClientConnectionError):
    """A connection that was used before cannot take the request: another one may.

    It holds an answer to a request that was not sent yet, or the server closes it at the same time, as any
    server may (RFC 9112, 9.5). Perhaps the server has read the request: deliveries may come twice.
    """


class TooMuch(ClientConnectionError):
    """More came than an answer may have."""


class Request(ClientRequest):
    """Request that no answer from before it is taken for its own.

    A connection that waits for its next use may get bytes, such as the 408 of a proxy that closes it. aiohttp
    would return them as the answer to the next request, and each later answer to the wrong one.
    """

    async def send(self, conn: Connection) -> ClientResponse:
        if conn.protocol is None or conn.protocol.should_close:
            conn.close()
            raise OutOfStep("the server answers before a request is sent")
        protocol = cast(BoundedAnswers, conn.protocol)
        protocol.expect_one()
        try:
            return await super().send(conn)
        except ClientConnectionResetError as error:
            raise protocol.blamed(error) from error


class BoundedAnswers(ResponseHandler):
    """The answers that come through one connection. It ends once more comes than its request may bring."""

    def __init__(self, loop: Any) -> None:
        super().__init__(loop)
        self._requests = 0
        self._received = 0
        self._interim = 0
        self._is_answered = False

    def expect_one(self) -> None:
        """Begins to count: a request is sent."""
        self._requests += 1
        self._received = self._interim = 0
        self._is_answered = False

    def blamed(self, error: BaseException) -> BaseException:
        """Returns what an error of this connection means."""
        if self._requests < 2 or self._received or isinstance(error, TooMuch):
            return error
        return OutOfStep("the server closes connections that it has used")

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """Ends the request with an error."""
        super().set_exception(self.blamed(exc), *cause)

    def data_received(self, data: bytes) -> None:
        # No bytes: aiohttp goes on with those that it has.
        for start in range(0, max(len(data), 1), PARSED_BYTES):
            if self._is_closing():
                return
            part = data[start : start + PARSED_BYTES]
            self._received += len(part)
            if self._received > MAX_RECEIVED_BYTES:
                self._end(f"the answer has more than {MAX_RECEIVED_BYTES} bytes")
                return
            super().data_received(part)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Takes an answer whose head was parsed."""
        if self._is_closing():
            return
        if self._is_answered:
            self._end("an answer came without a request")
            return
        if 100 <= data[0].code <= 199 and data[0].code != 101:
            self._interim += 1
        else:
            self._is_answered = True
        if self._interim > MAX_INTERIM_ANSWERS:
            self._end(f"more than {MAX_INTERIM_ANSWERS} interim answers came")
            return
        super().feed_data(data, size)

    def _is_closing(self) -> bool:
        return self.transport is None or self.transport.is_closing()

    def _end(self, reason: str) -> None:
        self.set_exception(TooMuch(reason))
        if self.transport is not None:
            self.transport.abort()


class Connector(TCPConnector):
    """Opens connections with bounded answers."""

    def __init__(self, **options: Any) -> None:
        """options: those of TCPConnector."""
        super().__init__(**options)
        # aiohttp has no option for it. A test floods the client: another release may read another attribute.
        self._factory: Any = partial(BoundedAnswers, self._loop)
