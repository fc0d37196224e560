"""Standard input, output and error, which may be closed, or unable to show every letter."""

import codecs
import io
import os
import sys

#: What stands in for letters of Motte's own sentences that ASCII lacks.
PLAIN = str.maketrans({"…": "..."})

#: Name of the error handler that streams get.
HANDLER = "motte-plain"

#: Name of a copy of ASCII. click takes ASCII itself for a mistake, and would write UTF-8.
ASCII = "motte_ascii"


def prepare_streams() -> None:
    """Makes output possible whatever the environment is. Called once, before a command runs.

    A closed stream becomes /dev/null: a file that is opened later would get its number, and then its output.
    A letter that the encoding lacks is shown plainly or as an escape, such as `\\xe9`.
    """
    for number in (0, 1, 2):
        _open(number)
    sys.stdout = _shown(sys.stdout or io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8"))
    sys.stderr = _shown(sys.stderr or io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8"))


def plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replaces what cannot be encoded. An error handler of `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(PLAIN)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


def encoding() -> str:
    """Returns the name of standard output's encoding."""
    name = sys.stdout.encoding or "ascii"
    return "ascii" if name == ASCII else name


def can_show(text: str) -> bool:
    """Whether standard output can encode every letter."""
    try:
        text.encode(encoding())
    except UnicodeEncodeError:
        return False
    return True


def shown(text: str) -> str:
    """Returns a text as standard output shows it, to count its columns."""
    return text.encode(encoding(), HANDLER).decode(encoding())


def _find_ascii(name: str) -> codecs.CodecInfo | None:
    """Finds the copy of ASCII. Called by `codecs`."""
    if name != ASCII:
        return None
    ascii_ = codecs.lookup("ascii")
    parts = (ascii_.encode, ascii_.decode, ascii_.streamreader, ascii_.streamwriter)
    return codecs.CodecInfo(*parts, ascii_.incrementalencoder, ascii_.incrementaldecoder, name=ASCII)


def _open(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        null = os.open(os.devnull, os.O_RDWR)
        if null != number:
            os.dup2(null, number)
            os.close(null)
        os.set_inheritable(number, True)


def _shown(stream: object) -> object:
    if isinstance(stream, io.TextIOWrapper):
        is_ascii = codecs.lookup(stream.encoding).name == "ascii"
        stream.reconfigure(encoding=ASCII if is_ascii else stream.encoding, errors=HANDLER)
    return stream


codecs.register_error(HANDLER, plain)
codecs.register(_find_ascii)
