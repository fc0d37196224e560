"""Configuration of one connector's process: its pipes and its log."""

from collections.abc import Mapping
from typing import Any

from supervisor.dispatchers import PInputDispatcher, POutputDispatcher
from supervisor.events import ProcessCommunicationStdoutEvent
from supervisor.loggers import handle_file
from supervisor.options import ProcessConfig


class ConnectorConfig(ProcessConfig):  # type: ignore[misc]  # supervisor ships no types
    """Configuration of one connector, as a `[program:…]` section would hold it."""

    def open_log(self) -> Any:
        """Returns the log of the process, as a dispatcher keeps it. Raises OSError."""
        log = self.options.getLogger()
        handle_file(
            log,
            filename=self.stdout_logfile,
            fmt="%(message)s",
            rotating=bool(self.stdout_logfile_maxbytes),
            maxbytes=self.stdout_logfile_maxbytes,
            backups=self.stdout_logfile_backups,
        )
        return log

    def make_dispatchers(self, process: Any) -> tuple[dict[int, Any], dict[str, int | None]]:
        """Opens two pipes instead of three: a connector's stdout goes to /dev/null.

        supervisord takes the connector's stderr for its stdout: `supervisorctl tail connector:ID` shows
        stdout if no channel is named.
        """
        pipes = self.options.make_pipes(stderr=False)
        pipes["child_stderr"], pipes["child_stdout"] = pipes["child_stdout"], None
        output, input_ = pipes["stdout"], pipes["stdin"]
        try:
            reader = POutputDispatcher(process, ProcessCommunicationStdoutEvent, output)
        except OSError:  # The log cannot be opened; stock code would leave the pipes open.
            self.options.close_parent_pipes(pipes)
            self.options.close_child_pipes(pipes)
            raise
        return {output: reader, input_: PInputDispatcher(process, "stdin", input_)}, pipes


def hand_over(dispatchers: Mapping[int, Any], process: Any, log: Any) -> None:
    """Leads the dispatchers of one process to another one. What they read is written to this log from now on.

    They stay the same objects: supervisord's loop may hold them in this turn.
    """
    for dispatcher in dispatchers.values():
        dispatcher.process = process
        if isinstance(dispatcher, POutputDispatcher):
            dispatcher.normallog.close()
            dispatcher.normallog = dispatcher.childlog = log
