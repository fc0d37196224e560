"""`motte serve`, `motte front` and `motte ctl`, and what must hold before they start."""
