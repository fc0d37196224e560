"""A stand-in for the sandbox: it says how it was started, and stays until its stdin ends."""

import sys

sys.stderr.write(f"sandbox is up: {sys.argv[1:]}\n")
sys.stdin.read()
