"""Standard input, output and error, which may be closed, or unable to show every letter."""

import codecs
import errno
import io
import os
import stat
import sys

#: What stands in for letters of Motte's own sentences that ASCII lacks.
PLAIN = str.maketrans({"…": "...", "⏎": "\\n"})

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


async def until_nobody_reads() -> None:
    """Waits until the program that reads standard output has ended. Raises BrokenPipeError then.

    Without this, a command that has nothing to print would not notice it. Waits for ever if standard output
    is no pipe.
    """
    import asyncio  # imported here: a third of what `motte --version` would load

    has_ended = asyncio.Event()
    if (output := _pipe_of_output()) is None:
        await has_ended.wait()
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(output, has_ended.set)  # the end that writes is never readable: this reports errors
    try:
        await has_ended.wait()
    finally:
        loop.remove_reader(output)
    raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def _pipe_of_output() -> int | None:
    """Returns the file descriptor of standard output if it is a pipe."""
    try:
        output = sys.stdout.fileno()
        return output if stat.S_ISFIFO(os.fstat(output).st_mode) else None
    except (OSError, ValueError):  # no stream of this process
        return None


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
