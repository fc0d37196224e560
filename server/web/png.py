"""Writes PNG files of black and white pixels: https://www.w3.org/TR/png-3/"""

import struct
import zlib
from collections.abc import Iterable

SIGNATURE = b"\x89PNG\r\n\x1a\n"

#: Bits per pixel, colour type (greyscale), and the only methods of compression, filtering and interlacing.
HEADER_END = bytes([1, 0, 0, 0, 0])

#: Comes before each row: the row is not filtered.
NO_FILTER = b"\0"


def png(rows: Iterable[bytes], *, side: int) -> bytes:
    """Returns a square picture. side: pixels. rows: one bit a pixel, 1 is white, filled up to whole bytes."""
    pixels = zlib.compress(b"".join(NO_FILTER + row for row in rows))
    header = struct.pack(">II", side, side) + HEADER_END
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
