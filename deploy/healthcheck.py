"""Health check of a container: exits with 0 if its Motte is ready."""

import json
import os
import sys
import urllib.request
from pathlib import Path

#: Less than the timeout of the health check itself.
REQUEST_TIMEOUT_SECONDS = 4.0

try:
    front = json.loads((Path(os.environ["MOTTE_STATE"]) / "front.json").read_bytes())
    # Ignores the proxies of the environment.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    direct.open(f"{front['url']}/readyz", timeout=REQUEST_TIMEOUT_SECONDS)
except OSError as error:
    sys.exit(f"not ready: {error}")
