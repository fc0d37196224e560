"""`motte doctor`: checks of this host and this state folder."""
