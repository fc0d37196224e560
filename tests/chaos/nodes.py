"""The Node that runs connectors, as it is or with a part of Motte taken back from outside."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from server.cli.serve.launch import NODE, ROOT

#: Loaded before the connector's own code.
WITHOUT_SEALING = ROOT / "tests/support/connector/without_sealing.js"


@contextmanager
def node(*, has_sealing: bool) -> Generator[dict[str, str]]:
    """The settings for it. A script in Node's place cannot be isolated."""
    if has_sealing:
        yield {}
        return
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "node"
        script.write_text(f'#!/bin/sh\nexec {quote(str(NODE))} --import {quote(str(WITHOUT_SEALING))} "$@"\n')
        script.chmod(0o755)
        yield {"MOTTE_NODE": str(script), "MOTTE_CONNECTOR_ISOLATION": "off"}
