"""`motte front` that looks WhatsApp's version up every few seconds instead of every few minutes."""

import sys

from server.cli import main
from server.whatsapp_version import schedule

#: Seconds. A connector still waits for an hour before it tries a refused version again.
PACE = schedule.Pace(least=3.0, usual=10.0, longest_while_refused=6.0)

if __name__ == "__main__":
    schedule.PACE = PACE
    main(sys.argv[1:], prog_name="motte")
