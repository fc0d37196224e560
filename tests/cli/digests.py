"""Writes the digests of the Node packages anew, from an installation that was just made from nothing."""

import json

from server.cli.doctor.packages import CONNECTOR, DIGESTS, digests

if __name__ == "__main__":
    (CONNECTOR / DIGESTS).write_text(json.dumps(digests(CONNECTOR), indent=2) + "\n")
