"""The Node that runs connectors, as it is or with a module that is loaded before the connector's own code."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from server.cli.serve.launch import NODE, ROOT

MODULES = ROOT / "tests/support/connector"

#: Takes back that keys are on the disk before a message leaves.
WITHOUT_SEALING = MODULES / "without_sealing.js"

#: Takes back that a connector whose folder is older than what was sent forgets its Signal sessions.
WITHOUT_FORGETTING = MODULES / "without_forgetting.js"

#: Kills a connector right after a message has left, if it is told to.
MORTAL = MODULES / "mortal_frame.js"


class ChangedNode(NamedTuple):
    """A Node with other modules in it."""

    #: That make a Motte use it. A script in Node's place cannot be isolated.
    settings: dict[str, str]
    #: File of `MORTAL`: how many messages leave until the connector dies.
    dies_after: Path


@contextmanager
def changed_node(*modules: Path) -> Generator[ChangedNode]:
    """Without any module: the Node as it is."""
    with tempfile.TemporaryDirectory() as folder:
        script, dies_after = Path(folder) / "node", Path(folder) / "dies-after"
        imports = " ".join(f"--import {quote(str(module))}" for module in modules)
        command = f'DIES_AFTER_MESSAGES={quote(str(dies_after))} exec {quote(str(NODE))} {imports} "$@"'
        script.write_text(f"#!/bin/sh\n{command}\n")
        script.chmod(0o755)
        settings = {"MOTTE_NODE": str(script), "MOTTE_CONNECTOR_ISOLATION": "off"}
        yield ChangedNode(settings if modules else {}, dies_after)
