"""Checks whether there is room for another session."""

import os

from server.cli.doctor.finding import Finding, ok, warning
from server.core.paths import StateFolder
from server.core.settings import environment
from server.core.settings.model import Settings
from store.errors import StoreUnavailable
from store.sqlite.backup import read_entries

MIB = 1024 * 1024


def check_memory(folder: StateFolder, free: int | None) -> Finding:
    """As much memory is free as a new session needs. free: bytes; None: unknown."""
    least = capacity_settings(folder).min_free_memory
    if free is None:
        return ok("memory", "this system does not say how much is free")
    detail = f"{free // MIB} MiB free"
    if free >= least * MIB:
        return ok("memory", detail)
    return warning(
        "memory",
        f"{detail}, and a new session needs {least} (MOTTE_MIN_FREE_MEMORY)",
        "delete sessions, or give this host or its container more memory",
    )


def check_sessions(folder: StateFolder) -> Finding:
    """There are fewer sessions than there may be."""
    most = capacity_settings(folder).max_sessions
    try:
        number = len(read_entries(folder.database)) if folder.database.exists() else 0
    except StoreUnavailable:
        return warning("sessions", "the database does not say how many there are", "see `database` above")
    detail = f"{number} of {most} (MOTTE_MAX_SESSIONS)"
    if number < most:
        return ok("sessions", detail)
    return warning("sessions", f"{detail}: no other one can be made", "delete some, or raise the setting")


def capacity_settings(folder: StateFolder) -> Settings:
    """Returns the settings that say what a full host is. Invalid ones count as unset."""
    names = ("MOTTE_MAX_SESSIONS", "MOTTE_MIN_FREE_MEMORY")
    given = {name: os.environ[name] for name in names if name in os.environ}
    try:
        return environment.read({**given, "MOTTE_STATE": str(folder.path)})
    except environment.ConfigError:
        return Settings(state=folder.path)
