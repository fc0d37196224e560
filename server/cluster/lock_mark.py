"""What says in the file of the leader's lock who has it."""

#: What the file has while a command has the lock. A front leaves it empty.
COMMAND = b"command\n"
