"""`motte` of the next version, whose database has another schema."""

import sys
import tempfile
from pathlib import Path

from server.cli import main
from tests.support.newer_schema import become_newer

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        become_newer(Path(place))
        main(sys.argv[1:], prog_name="motte")
