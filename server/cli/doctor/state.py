"""Whether the state folder is sound and private."""

import asyncio
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from server.cli.backup.restore_stages import CutOff, check_restored
from server.cli.cleanup.leftovers import linked_folders
from server.cli.common.client import Client, Refused, Unreachable
from server.cli.doctor.finding import Finding, ok, warning, wrong
from server.cli.serve.preflight import OTHERS
from server.cli.serve.presence import front_runs, supervisord_runs
from server.cli.serve.running import front_url
from server.cli.serve.server_identity import in_words, linked_by_server
from server.connectors.credentials import fault
from server.connectors.supervisor_client import SupervisorClient
from server.core.errors import SupervisorUnavailable
from server.core.paths import StateFolder
from store.errors import StoreUnavailable
from store.records import Status
from store.sqlite.backup import roll
from store.sqlite.integrity import NEWEST, inspect

MEGABYTE = 1_000_000

#: Bytes free on its disk: under the first it fills up soon, under the second SQLite may not find room.
LITTLE = 1_000 * MEGABYTE
TOO_LITTLE = 100 * MEGABYTE

#: Seconds until a front that works has answered, however busy it is.
REQUEST_TIMEOUT_SECONDS = 5.0

RESTART_FRONT = "`motte ctl restart front`: the links stay up; if that does not help, see logs/front.log"

#: Paths or sessions named in one line.
SHOWN = 3

#: Crashes in a row after which somebody should look at a connector.
CRASHES = 5


async def check_supervisord(folder: StateFolder) -> Finding:
    """It answers, or it does not run."""
    if not supervisord_runs(folder):
        return ok("supervisord", "not running")
    supervisor = SupervisorClient(folder.supervisor_socket)
    try:
        await supervisor.ping()
    except SupervisorUnavailable as error:
        return wrong("supervisord", error.detail, "end it with Ctrl-C or SIGTERM, and start `motte serve`")
    finally:
        await supervisor.close()
    if not front_runs(folder):
        return wrong(
            "supervisord",
            "it runs, the REST API does not",
            f"see {folder.logs}/front.log and `motte ctl status`",
        )
    return ok("supervisord", "it answers")


async def check_connectors(folder: StateFolder) -> Finding:
    """Processes of sessions that crash again and again, or were given up."""
    if not supervisord_runs(folder):
        return ok("connectors", "not running")
    supervisor = SupervisorClient(folder.supervisor_socket)
    try:
        programs = await supervisor.list()
    except SupervisorUnavailable:
        return ok("connectors", "not known: supervisord does not answer")
    finally:
        await supervisor.close()
    in_trouble = [program for program in programs if program.state == "FATAL" or program.tries >= CRASHES]
    if not in_trouble:
        return ok("connectors", f"{len(programs)} run or wait for their next try")
    shown = ", ".join(f"{program.id} ({program.tries})" for program in in_trouble[:SHOWN])
    more = len(in_trouble) - SHOWN
    detail = f"crashed again and again: {shown}{f' and {more} more' if more > 0 else ''}"
    return warning("connectors", detail, f"see {folder.logs}/connector-<id>.log, and `motte ctl status`")


async def check_api(folder: StateFolder, *, within: float = REQUEST_TIMEOUT_SECONDS) -> Finding:
    """A front that hangs holds its lock like any other, and supervisord sees no difference.

    within: seconds.
    """
    if not front_runs(folder):
        return ok("api", "not running")
    try:
        async with asyncio.timeout(within), Client(front_url(folder)) as api:
            await api.ask("GET", "/readyz")
    except TimeoutError:
        return wrong("api", f"no answer within {within:g} seconds", RESTART_FRONT)
    except Unreachable as error:
        return wrong("api", error.message, RESTART_FRONT)
    except Refused as refusal:
        return wrong("api", f"not ready: {refusal.message}", f"see {folder.logs}/front.log")
    return ok("api", "ready")


def check_permissions(folder: StateFolder) -> Finding:
    """Nobody else can read what lets them act as the accounts."""
    if not folder.path.exists():
        return ok("permissions", f"{folder.path} does not exist yet: the first `motte serve` makes it")
    owner = folder.path.stat().st_uid
    open_ones = sorted(str(path) for path in _all(folder.path) if _is_open(path, owner))
    if open_ones:
        more = f" and {len(open_ones) - SHOWN} more" * (len(open_ones) > SHOWN)
        return wrong(
            "permissions",
            f"open to others, or another user's: {', '.join(open_ones[:SHOWN])}{more}",
            f"chmod -R go= {folder.path}, and see that all have one owner",
        )
    return ok("permissions", f"{folder.path} is its owner's alone")


def check_disk(folder: StateFolder) -> Finding:
    """There is room where the state folder is, or will be."""
    place = next(path for path in (folder.path, *folder.path.parents) if path.exists())
    free = shutil.disk_usage(place).free
    detail = f"{free // MEGABYTE} MB free at {place}"
    if free < TOO_LITTLE:
        return wrong("disk", detail, "make room: without any, nothing can be stored")
    return warning("disk", detail, "make room soon") if free < LITTLE else ok("disk", detail)


def check_database(folder: StateFolder) -> Finding:
    """It is whole, and not a newer Motte's."""
    try:
        check_restored(folder)
    except CutOff as cut_off:
        return wrong("database", "a restore was cut off", cut_off.message)
    if not folder.database.exists():
        return ok("database", "there is none yet: the first `motte serve` makes it")
    try:
        seen = inspect(folder.database)
    except StoreUnavailable as error:
        return wrong("database", str(error), "restore a backup: motte restore")
    if seen.damage:
        return wrong("database", "damaged: " + "; ".join(seen.damage), "restore a backup: motte restore")
    if seen.schema > NEWEST:
        return wrong("database", f"schema {seen.schema}, this Motte knows {NEWEST}", "update Motte")
    older = f", the next start brings it to {NEWEST}" * (seen.schema < NEWEST)
    return ok("database", f"sound, schema {seen.schema}{older}")


def check_credentials(folder: StateFolder) -> Finding:
    """Every account that the record knows has its credentials."""
    try:
        linked = [
            entry.id
            for entry in (roll(folder.database) if folder.database.exists() else [])
            if entry.phone_number and entry.status != Status.LOGGED_OUT
        ]
    except StoreUnavailable:
        return warning("credentials", "the record does not say whose there should be", "see `database` above")
    faults = {name: fault(folder.session(name).path) for name in linked}
    wrong_ones = [f"{name} ({why})" for name, why in faults.items() if why]
    if wrong_ones:
        more = f" and {len(wrong_ones) - SHOWN} more" * (len(wrong_ones) > SHOWN)
        return wrong(
            "credentials",
            f"of {', '.join(wrong_ones[:SHOWN])}{more}",
            "put its connector.db back from a backup and restart it; or `motte sessions restart ID --forget`",
        )
    return ok("credentials", f"{len(linked)} linked, all there")


def check_orphans(folder: StateFolder) -> Finding:
    """The database knows the session of every account whose credentials are there."""
    linked = linked_folders(folder)  # rows come before their folders, so these are read first
    try:
        known = {entry.id for entry in (roll(folder.database) if folder.database.exists() else [])}
    except StoreUnavailable:
        return warning("orphans", "the record does not say which sessions there are", "see `database` above")
    orphans = [name for name in linked if name not in known]
    if orphans:
        more = f" and {len(orphans) - SHOWN} more" * (len(orphans) > SHOWN)
        return warning(
            "orphans",
            f"linked credentials of no session in the database: {', '.join(orphans[:SHOWN])}{more}",
            "bring them back (docs/reference/sessions.md), or `motte cleanup --linked-orphans`",
        )
    return ok("orphans", "none")


def check_servers(folder: StateFolder) -> Finding:
    """The accounts are linked with one server: with another than that of the settings they do not connect."""
    linked = linked_by_server(folder)
    if len(linked) > 1:
        return warning(
            "linked with",
            in_words(linked),
            "keep each in a state folder of its own: only those of the server in the settings connect",
        )
    return ok("linked with", in_words(linked) if linked else "no session is linked")


def _all(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")


def _is_open(path: Path, owner: int) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:  # a running Motte has removed it
        return False
    if stat.S_ISLNK(status.st_mode):
        return False
    return bool(status.st_mode & OTHERS) or status.st_uid != owner
