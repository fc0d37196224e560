"""Keeps a connector in its own folder: everything that a process gives up before it becomes Node."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Self

from server.isolation import capabilities, kernel, landlock, system_calls
from server.isolation.environment import connector_environment
from server.isolation.files import hold_kernel_files, rules


class Offered(NamedTuple):
    """What this kernel offers to isolate a process."""

    #: Version of Landlock's interface; 0 without one.
    landlock: int
    #: Whether system calls can be filtered.
    filters_calls: bool

    @classmethod
    def here(cls) -> Self:
        return cls(landlock.version(), system_calls.is_known())

    @property
    def holds_renamed_folders(self) -> bool:
        """Whether a process stays confined to its own folder when that is renamed.

        Landlock knows the folder, not its name. Node's permissions know names alone, so they name the working
        directory, and the filter of calls keeps that from changing.
        """
        return bool(self.landlock) and self.filters_calls

    @property
    def missing(self) -> list[str]:
        """What this kernel cannot keep from a connector; empty if nothing."""
        lacks = []
        if not self.landlock:
            lacks.append("no Landlock (Linux 5.13 has it): only Node keeps a connector from other files")
        elif self.landlock < landlock.TRUNCATE_SINCE:
            lacks.append("Landlock before Linux 6.2: a connector can empty files of Motte's program")
        if not self.filters_calls:
            lacks.append("no filter of system calls: connectors can use unix sockets and change files' modes")
        return lacks


class Confinement(NamedTuple):
    """What one connector may use. Paths are absolute."""

    offered: Offered
    #: The session's folder, or a spare's: the only one in which the connector writes. It may be renamed.
    own: Path
    #: connector/ with its packages.
    code: Path
    #: Node's compile cache.
    cache: Path
    node: Path
    #: A name of `own` that stays right when that is renamed; None: it is not renamed while the process runs.
    lasting: Path | None = None

    @classmethod
    def for_cache(cls, offered: Offered, *, code: Path, cache: Path, node: Path) -> Self:
        """Returns what the process may use that fills the cache, which is its own folder."""
        return cls(offered, own=cache, code=code, cache=cache, node=node)

    def node_options(self) -> tuple[str, ...]:
        """Returns options of Node: JavaScript gets no other files, no native code and no further process."""
        own = self.lasting or self.own
        readable = [self.code, own, Path("/proc/self/status"), Path("/proc/uptime")]
        writable = [own]
        if self.offered.landlock:
            # Node uses a compile cache only if it may write there. Landlock lets it read.
            readable.append(self.cache)
            writable.append(self.cache)
        return (
            "--permission",
            *(f"--allow-fs-read={path}" for path in readable),
            *(f"--allow-fs-write={path}" for path in writable),
        )

    def enter(self, environ: Mapping[str, str]) -> None:
        """Confines this process, for good. Called in the child, before exec. Raises OSError."""
        capabilities.drop(self._can_reach_all)
        kernel.forbid_new_privileges()
        if self.offered.landlock:
            hold_kernel_files()
            allowed = rules(
                own=self.own,
                code=self.code,
                cache=self.cache,
                node=self.node,
                environ=connector_environment(environ),
            )
            landlock.restrict(allowed, interface=self.offered.landlock)
        if self.offered.filters_calls:
            system_calls.restrict(own_pid=os.getpid())

    def _can_reach_all(self) -> bool:
        return (
            os.access(self.own, os.R_OK | os.W_OK | os.X_OK, effective_ids=True)
            and os.access(self.code, os.R_OK | os.X_OK, effective_ids=True)
            and os.access(self.node, os.X_OK, effective_ids=True)
        )
