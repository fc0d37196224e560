"""A phone's camera: what it reads in a picture of a code."""

import io
import re

import zxingcpp
from PIL import Image

#: Pixels for each module, where a picture has no pixels of its own.
PIXELS = 4

#: The two modules of a half block, light is 1: above, below.
HALF_BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def read_png(picture: bytes) -> str:
    """The text of the one code in it."""
    (text,) = codes_in(picture)
    return text


def codes_in(picture: bytes) -> list[str]:
    """The texts of the codes that a camera finds in a PNG."""
    return _codes(Image.open(io.BytesIO(picture)))


def read_svg(picture: str) -> str:
    """The same of what segno draws: rows of strokes, each a run of modules."""
    size = re.search(r'viewBox="0 0 (\d+) \1"', picture)
    strokes = re.search(r' d="(M[^"z]*)"', picture)
    assert size is not None
    assert strokes is not None
    image = Image.new("L", (int(size[1]), int(size[1])), 255)
    x = y = 0.0
    for move, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", strokes[1]):
        if move == "h":
            for column in range(int(x), int(x + float(first))):
                image.putpixel((column, int(y)), 0)
            x += float(first)
        else:
            start = (0.0, 0.0) if move == "M" else (x, y)
            x, y = start[0] + float(first), start[1] + float(second)
    return _read(image.resize((image.width * PIXELS, image.height * PIXELS)))


def read_text(drawing: str) -> str:
    """The same of half blocks, light on dark."""
    lines = drawing.splitlines()
    image = Image.new("L", (len(lines[0]), 2 * len(lines)))
    for row, line in enumerate(lines):
        for column, block in enumerate(line):
            for half in (0, 1):
                image.putpixel((column, 2 * row + half), 255 * HALF_BLOCKS[block][half])
    return _read(image.resize((image.width * PIXELS, image.height * PIXELS)))


def _read(image: Image.Image) -> str:
    (text,) = _codes(image)
    return text


def _codes(image: Image.Image) -> list[str]:
    grey = image.convert("L")
    pixels = memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))
    return [str(code.text) for code in zxingcpp.read_barcodes(pixels)]
