"""Draws QR codes: as SVG, as PNG, as text for a terminal."""

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from server.web.png import png as write_png

if TYPE_CHECKING:
    import segno

#: White modules around a code (ISO/IEC 18004); without them phones do not find it.
QUIET_ZONE_MODULES = 4

#: The same in a terminal: lines are scarce, and its background often extends the zone.
TEXT_QUIET_ZONE_MODULES = 2

#: Codes whose modules are cached: to lay one out takes 20 ms, and each is requested many times.
CACHED_CODES = 64


def svg(payload: str) -> str:
    """Returns an element without a size: it fills its container. Its background is always white."""
    drawing = io.BytesIO()
    _code(payload).save(
        drawing,
        kind="svg",
        xmldecl=False,
        omitsize=True,
        border=QUIET_ZONE_MODULES,
        dark="#000",
        light="#fff",
    )
    # Without this, browsers blur the edges of modules and show faint lines between them.
    return drawing.getvalue().decode().replace("<svg ", '<svg shape-rendering="crispEdges" ', 1)


def png(payload: str, *, size: int) -> bytes:
    """Returns a square of `size` pixels. Each module has the same whole number of pixels; the rest is margin.

    The square is larger if a module would have less than one pixel.
    """
    code = _code(payload)
    modules = int(code.symbol_size(border=QUIET_ZONE_MODULES)[0])
    scale = max(size // modules, 1)
    side = max(size, scale * modules)
    before = (side - scale * modules) // 2
    after = side - scale * modules - before
    rows = [
        _packed("1" * before + "".join(("1", "0")[dark] * scale for dark in row) + "1" * after)
        for row in code.matrix_iter(border=QUIET_ZONE_MODULES)
    ]
    margin = _packed("1" * side)
    pixels = [margin] * before + [row for row in rows for _ in range(scale)] + [margin] * after
    return write_png(pixels, side=side)


def text(payload: str) -> str:
    """Returns half blocks, two modules per character, light on dark like most terminals."""
    drawing = io.StringIO()
    _code(payload).terminal(drawing, border=TEXT_QUIET_ZONE_MODULES, compact=True)
    return drawing.getvalue()


def _packed(bits: str) -> bytes:
    """Returns a row of pixels. bits: a digit for each."""
    size = (len(bits) + 7) // 8
    return int(bits.ljust(size * 8, "1"), 2).to_bytes(size)


@lru_cache(maxsize=CACHED_CODES)
def _code(payload: str) -> "segno.QRCode":
    """Uses the least error correction, so the modules are as large as possible: a screen has no damage."""
    import segno  # imported here: the first answer of a front needs no picture

    return segno.make_qr(payload, error="l", boost_error=False)
