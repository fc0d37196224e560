"""`motte install`: fetches the Node packages before the first start."""

import os

import click

from server.cli.common.output import output_option, print_json, say
from server.cli.install.bundler import ensure_bundle
from server.cli.install.program import (
    CannotInstall,
    check_trusted,
    install,
    is_complete,
    is_unchanged,
    mark_used,
)
from server.cli.serve.launch import ROOT
from server.core.installation import CACHE_VARIABLE, FILES, IS_WHEEL


@click.command("install")
@output_option
def install_command(*, output: str) -> None:
    """Install the Node packages of a wheel in its cache folder.

    The first `motte serve` does the same. Packages whose hash differs from the lock are refused. If all are
    there, their files are compared with what was published, and fetched again only if one was changed.

    Exit codes: 0 complete, 1 they could not be installed.
    """
    if IS_WHEEL:
        _check_named()
        install(ROOT, os.environ, _say)
        check_trusted(ROOT)
    else:
        _check_source_folder()
        ensure_bundle(ROOT / "connector", os.environ, _say)
    if output == "json":
        print_json({"connector": str(ROOT / "connector")})
    else:
        say(f"Complete: {ROOT / 'connector'}")


def ensure_installed() -> None:
    """Installs the Node packages of a wheel if they are missing. Raises CannotInstall.

    In a source folder, `make install` does that.
    """
    if not IS_WHEEL:
        return
    _check_named()
    if not is_complete(ROOT):
        install(ROOT, os.environ, _say)
    check_trusted(ROOT)
    mark_used(ROOT)


def _check_named() -> None:
    if ROOT == FILES:
        raise CannotInstall(f"no folder for the Node packages is known: set HOME or {CACHE_VARIABLE}")


def _check_source_folder() -> None:
    if not is_complete(ROOT) or not is_unchanged(ROOT):
        raise CannotInstall(
            f"this Motte runs from its source folder: remove {ROOT}/connector/node_modules, then run "
            f"`make install` in {ROOT}"
        )


def _say(sentence: str) -> None:
    say(sentence, err=True)
