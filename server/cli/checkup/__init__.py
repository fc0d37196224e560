"""What `motte doctor` looks at, a file a part of the host."""
