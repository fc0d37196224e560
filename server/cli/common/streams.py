"""Standard input, output and error, which may be closed, or unable to show every letter."""

import codecs
import io
import os
import sys

#: What stands in for letters of Motte's own sentences that ASCII lacks.
PLAIN = str.maketrans({"…": "..."})

#: Name of the error handler that streams get.
HANDLER = "motte-plain"


def prepare_streams() -> None:
    """Makes output possible whatever the environment is. Called once, before a command runs.

    A closed stream becomes /dev/null: a file that is opened later would get its number, and then its output.
    A letter that the encoding lacks is shown plainly or as an escape, such as `\\xe9`.
    """
    codecs.register_error(HANDLER, plain)
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


def can_show(text: str) -> bool:
    """Whether standard output can encode every letter."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


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
        stream.reconfigure(errors=HANDLER)
    return stream
