"""`python -m server.supervisor_plugin.daemon`: supervisord; why it cannot start is one sentence."""

import gc
import os
import sys

from server.core.garbage import no_collection

with no_collection():
    from supervisor import supervisord
    from supervisor.options import ServerOptions

    from server.supervisor_plugin import factory  # noqa: F401  # supervisord imports it by its name

#: Exit code if it cannot start. supervisord's own is 2, which `motte serve` uses for wrong settings.
CANNOT_START_EXIT_CODE = 1


#: How supervisord begins to say that its socket is in use.
SOCKET_IN_USE = "Another program is already listening"


class Options(ServerOptions):  # type: ignore[misc]  # supervisor ships no types
    """supervisord's options and its start."""

    #: Whether the start succeeded.
    is_started = False

    def usage(self, msg: object) -> None:
        """Called by supervisord for each refusal. Its own version names a help page and exits with 2."""
        text = " ".join(str(msg).split())
        if text.startswith(
            SOCKET_IN_USE
        ):  # two that start in the same moment pass the check of `motte serve`
            text = f"another `motte serve` runs on the state folder {os.environ.get('MOTTE_STATE')}"
        refuse(text)

    def setsignals(self) -> None:
        """Called once everything that can be refused is done."""
        super().setsignals()
        Options.is_started = True


def refuse(reason: str) -> None:
    """Prints the reason and exits."""
    sys.stderr.write(f"Error: supervisord cannot start: {reason}\n")
    sys.exit(CANNOT_START_EXIT_CODE)


def main() -> None:
    """Runs supervisord with the arguments of the command line."""
    gc.freeze()  # a process that lives for months need not look at its modules again
    supervisord.ServerOptions = Options
    try:
        supervisord.main()
    except OSError as error:
        if Options.is_started:
            raise
        place = f"{error.filename}: " if error.filename else ""
        refuse(f"{place}{error.strerror or error}")


if __name__ == "__main__":
    main()
