"""Whether the Motte of this container is ready, as an exit code for its health check."""

import json
import os
import sys
import urllib.request
from pathlib import Path

#: Seconds; the health check itself gets a little more.
WITHIN = 4.0

try:
    front = json.loads((Path(os.environ["MOTTE_STATE"]) / "front.json").read_text())
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # not by a proxy of the environment
    direct.open(f"{front['url']}/readyz", timeout=WITHIN)
except OSError as error:
    sys.exit(f"not ready: {error}")
