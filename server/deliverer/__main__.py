"""`python -m server.deliverer`: its standard input is a socket to the front that has started it."""

from server.deliverer.process import main

main()
