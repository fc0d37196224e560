"""`python -m server.deliverer`: its standard input is a socket to the front that has started it."""

from server.core.certificates import left_unread
from server.core.garbage import no_collection

with no_collection(), left_unread():
    from server.deliverer.process import main

main()
