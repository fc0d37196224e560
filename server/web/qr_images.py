"""Codes drawn for a phone to scan: as SVG, as PNG, as text for a terminal."""

import io
from functools import lru_cache

import segno

#: Modules of white around a code, as ISO/IEC 18004 wants them; without them phones do not find it.
QUIET_ZONE = 4

#: The same in a terminal, where each line counts, and whose own background often adds to it.
QUIET_ZONE_OF_TEXT = 2

#: Codes whose modules are kept: to lay one out takes 20 ms, and each is asked for many times.
KEPT = 64


def svg(payload: str) -> str:
    """One element without a size of its own: it fills what it is put into. White, in dark mode too."""
    drawing = io.BytesIO()
    _code(payload).save(
        drawing, kind="svg", xmldecl=False, omitsize=True, border=QUIET_ZONE, dark="#000", light="#fff"
    )
    # Without it, browsers soften the edges of modules, and faint lines run between them.
    return drawing.getvalue().decode().replace("<svg ", '<svg shape-rendering="crispEdges" ', 1)


def png(payload: str, *, size: int) -> bytes:
    """The largest square of at most `size` pixels in which each module is as many whole pixels.

    It is larger where a module would have less than one.
    """
    code = _code(payload)
    modules = code.symbol_size(border=QUIET_ZONE)[0]
    drawing = io.BytesIO()
    code.save(
        drawing, kind="png", border=QUIET_ZONE, scale=max(size // modules, 1), dark="#000", light="#fff"
    )
    return drawing.getvalue()


def text(payload: str) -> str:
    """Half blocks, two modules a character, light on dark as most terminals are."""
    drawing = io.StringIO()
    _code(payload).terminal(drawing, border=QUIET_ZONE_OF_TEXT, compact=True)
    return drawing.getvalue()


@lru_cache(maxsize=KEPT)
def _code(payload: str) -> segno.QRCode:
    """The fewest and so the largest modules: it is shown on a screen, where nothing has to be repaired."""
    return segno.make_qr(payload, error="l", boost_error=False)
