"""Several fronts on one state folder: one leads, the others send it their requests."""
