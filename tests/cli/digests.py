"""Writes the digests of the Node packages again, after a fresh installation."""

import json

from server.cli.doctor.packages import CONNECTOR, DIGESTS, digests

if __name__ == "__main__":
    (CONNECTOR / DIGESTS).write_text(json.dumps(digests(CONNECTOR), indent=2) + "\n")
