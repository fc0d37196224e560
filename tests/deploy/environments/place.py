"""A `motte serve` in an environment of its own."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from server.cli.serve.launch import ROOT
from tests.deploy.namespaces import UNSHARE
from tests.support.serve import Serve

#: What a container without a shell's environment has.
BARE = {"PATH": os.defpath}


class Place(Serve):
    """Motte in namespaces of its own: what a script mounts or names there is not seen elsewhere."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *options: str,
        script: str = ":",
        user: tuple[int, int] | None = None,
        environ: Mapping[str, str] | None = None,
        is_bare: bool = False,
    ) -> None:
        """script: what a shell does before the start; `$STATE` is the state folder.

        user: id and group of the user who runs Motte. is_bare: no variable is inherited.
        """
        super().__init__(settings, *options)
        self.script = script
        self.user = user
        if user:
            self.script = f"{let_others_in(Path(sys.base_prefix), ROOT)}\n{script}"
            self.place.chmod(0o755)
        self.environ = dict(environ or {})
        self.is_bare = is_bare

    def command(self) -> list[str]:
        shell = ["sh", "-ec", f'{self.script}\nexec "$@"', "sh"]
        return [*UNSHARE, "--mount", "--uts", "--ipc", *shell, *self._as_user(), *super().command()]

    def environment(self) -> dict[str, str]:
        inherited = super().environment()
        if self.is_bare:
            own = (*self.settings, "MOTTE_STATE")
            inherited = BARE | {name: inherited[name] for name in own}
        return {**inherited, "STATE": str(self.folder.path), **self.environ}

    def _as_user(self) -> Sequence[str]:
        if self.user is None:
            return ()
        user, group = map(str, self.user)
        return ("setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--no-new-privs")


def let_others_in(*paths: Path) -> str:
    """Returns what a shell does so that any user reaches these folders: others hide the way to some of them.

    A folder on the way that is closed to others is covered with an empty one that holds only these.
    """
    lines = []
    for number, path in enumerate(paths):
        closed = [parent for parent in reversed(path.parents) if not parent.stat().st_mode & 0o001]
        if closed:
            kept = f"/run/kept-{number}"
            lines += [
                f"mkdir -p {kept}; mount --bind {path} {kept}",
                f"mount -t tmpfs -o mode=755 tmpfs {closed[0]}; mkdir -p {path}; mount --bind {kept} {path}",
            ]
    return "\n".join(["mount -t tmpfs tmpfs /run", *lines])
