"""A stand-in for the front: it says that it is up, and stays until its stdin ends."""

import sys

sys.stderr.write("front is up\n")
sys.stdin.read()
