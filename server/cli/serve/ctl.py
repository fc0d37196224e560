"""`motte ctl`: runs supervisorctl with this Motte's supervisord."""

import click

from server.cli.common.options import STATE, read_state, setting_options
from server.cli.serve.launch import become_supervisorctl
from server.cli.serve.server_identity import sandbox_hint
from server.core.settings.environment import read


class NotRunning(click.ClickException):
    """supervisord does not run."""

    exit_code = 3


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@setting_options([STATE])
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def ctl(*, arguments: tuple[str, ...], **options: str | None) -> None:
    """Run supervisorctl on this Motte.

    The ARGUMENTS are passed on: `motte ctl status`, `motte ctl pid front`. `motte ctl help` lists the
    commands; without arguments it prompts for them. Exit codes are those of supervisorctl, and 3 if nothing
    runs.
    """
    # supervisorctl would take it as the name of a program, and work on the default folder.
    if any(argument.partition("=")[0] == "--state" for argument in arguments):
        raise click.UsageError("--state comes before the arguments: motte ctl --state FOLDER status")
    folder = read_state(options[STATE.name])
    if not folder.supervisor_socket.exists():
        hint = sandbox_hint(folder) or f"; name another folder with --state or {STATE.name}"
        raise NotRunning(f"no motte serve runs on {folder.path}{hint}")
    become_supervisorctl(read({STATE.name: str(folder.path)}), arguments)
