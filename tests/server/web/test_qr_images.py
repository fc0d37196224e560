"""Codes as pictures, each read back as a phone would."""

import io

import pytest
from PIL import Image

from server.web import qr_images as pictures
from tests.support.scanner import read_png, read_svg, read_text

#: As long as WhatsApp's are, with every letter that base64 has.
PAYLOAD = "https://wa.me/settings/linked_devices#2@" + ",".join(
    f"{number}/bYq+{'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'}==" for number in range(5)
)


def test_a_phone_reads_the_svg() -> None:
    assert read_svg(pictures.svg(PAYLOAD)) == PAYLOAD


def test_a_phone_reads_the_text() -> None:
    assert read_text(pictures.text(PAYLOAD)) == PAYLOAD


@pytest.mark.parametrize("size", [64, 300, 512, 2048])
def test_a_phone_reads_the_png_of_any_size(size: int) -> None:
    assert read_png(pictures.png(PAYLOAD, size=size)) == PAYLOAD


def test_a_png_is_as_large_as_asked_if_a_module_has_a_pixel() -> None:
    modules = Image.open(io.BytesIO(pictures.png(PAYLOAD, size=64))).width
    assert modules > 64  # one pixel each is the least
    for size in (modules, modules + 1, 300, 400, 512, 2048):
        assert Image.open(io.BytesIO(pictures.png(PAYLOAD, size=size))).size == (size, size)


@pytest.mark.parametrize("size", [66, 300, 400, 2048])
def test_each_module_of_a_png_has_the_same_whole_number_of_pixels(size: int) -> None:
    small = Image.open(io.BytesIO(pictures.png(PAYLOAD, size=64))).convert("L")
    image = Image.open(io.BytesIO(pictures.png(PAYLOAD, size=size))).convert("L")
    scale = size // small.width
    before = (size - scale * small.width) // 2
    drawn = image.crop((before, before, before + scale * small.width, before + scale * small.width))
    assert drawn.tobytes() == small.resize(drawn.size, Image.Resampling.NEAREST).tobytes()
    inside = image.point(lambda level: 255 - level).getbbox()
    assert inside is not None
    assert min(inside[0], inside[1], size - inside[2], size - inside[3]) >= 4 * scale


def test_four_modules_around_the_code_are_white() -> None:
    image = Image.open(io.BytesIO(pictures.png(PAYLOAD, size=64))).convert("L")
    inside = image.point(lambda level: 255 - level).getbbox()
    assert inside == (4, 4, image.width - 4, image.height - 4)


def test_an_svg_is_white_where_it_is_not_black_and_runs_nothing() -> None:
    svg = pictures.svg(PAYLOAD)
    assert 'fill="#fff"' in svg
    assert 'stroke="#000"' in svg
    assert "script" not in svg
    assert PAYLOAD not in svg


def test_the_text_is_made_of_half_blocks_of_one_width() -> None:
    lines = pictures.text("https://wa.me/settings/linked_devices#2@abc").splitlines()
    assert len({len(line) for line in lines}) == 1
    assert set("".join(lines)) == set(" ▀▄█")
