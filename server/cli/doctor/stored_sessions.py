"""Checks of the stored sessions: the database, the credentials and what links them."""

from server.cli.backup.restore_stages import CutOff, check_restored
from server.cli.common.output import first_few
from server.cli.doctor.finding import Finding, ok, warning, wrong
from server.cli.serve.server_identity import in_words, linked_by_server
from server.connectors.credentials import fault, linked_folders
from server.core.paths import StateFolder
from store.errors import StoreUnavailable
from store.records.sessions import Status
from store.sqlite.backup import read_entries
from store.sqlite.integrity import NEWEST_SCHEMA, inspect


def check_database(folder: StateFolder) -> Finding:
    """The database is not damaged, and not that of a newer Motte."""
    try:
        check_restored(folder)
    except CutOff as cut_off:
        return wrong("database", "a restore was cut off", cut_off.message)
    if not folder.database.exists():
        return ok("database", "it does not exist yet: the first `motte serve` makes it")
    try:
        seen = inspect(folder.database)
    except StoreUnavailable as error:
        return wrong("database", str(error), "restore a backup: motte restore")
    if seen.damage:
        return wrong("database", "damaged: " + "; ".join(seen.damage), "restore a backup: motte restore")
    if seen.schema > NEWEST_SCHEMA:
        return wrong("database", f"schema {seen.schema}, this Motte knows {NEWEST_SCHEMA}", "update Motte")
    older = f", the next start brings it to {NEWEST_SCHEMA}" * (seen.schema < NEWEST_SCHEMA)
    return ok("database", f"sound, schema {seen.schema}{older}")


def check_credentials(folder: StateFolder) -> Finding:
    """Every account in the database has its credentials."""
    try:
        linked = [
            entry.id
            for entry in (read_entries(folder.database) if folder.database.exists() else [])
            if entry.phone_number and entry.status != Status.LOGGED_OUT
        ]
    except StoreUnavailable:
        return warning(
            "credentials",
            "the database does not say whose credentials there should be",
            "see `database` above",
        )
    faults = {name: fault(folder.session(name).path) for name in linked}
    wrong_ones = [f"{name} ({why})" for name, why in faults.items() if why]
    if wrong_ones:
        return wrong(
            "credentials",
            f"of {first_few(wrong_ones)}",
            "put its connector.db back from a backup and restart it; or `motte sessions restart ID --forget`",
        )
    return ok("credentials", f"{len(linked)} linked, all there")


def check_orphans(folder: StateFolder) -> Finding:
    """Every account with credentials has a session in the database."""
    linked = linked_folders(folder)  # a row is written before its folder, so folders are read first
    try:
        known = {entry.id for entry in (read_entries(folder.database) if folder.database.exists() else [])}
    except StoreUnavailable:
        return warning(
            "orphans", "the database does not say which sessions there are", "see `database` above"
        )
    orphans = [name for name in linked if name not in known]
    if orphans:
        return warning(
            "orphans",
            f"linked credentials of no session in the database: {first_few(orphans)}",
            "bring them back (docs/reference/sessions.md), or `motte cleanup --linked-orphans`",
        )
    return ok("orphans", "none")


def check_servers(folder: StateFolder) -> Finding:
    """All accounts are linked with one server. Only those of the server in the settings connect."""
    linked = linked_by_server(folder)
    if len(linked) > 1:
        return warning(
            "linked with",
            in_words(linked),
            "keep each in its own state folder: only those of the server in the settings connect",
        )
    return ok("linked with", in_words(linked) if linked else "no session is linked")
