"""Installation of the Node packages that a wheel does not contain."""
