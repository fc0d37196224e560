"""Checks of the running processes: supervisord, the front, the connectors, what delivers to webhooks."""

import asyncio

from server.cli.common.client import Client, Refused, Unreachable
from server.cli.common.output import first_few
from server.cli.doctor.finding import Finding, ok, warning, wrong
from server.cli.serve.endpoints import front_url
from server.cli.serve.run_state import deliverer_runs, front_runs, supervisord_runs
from server.cli.serve.server_identity import sandbox_hint
from server.connectors.supervisor_client import SupervisorClient
from server.core.errors import SupervisorUnavailable
from server.core.paths import StateFolder
from server.webhooks.fields import BY_CALLER
from store.sqlite.integrity import count_webhooks, webhooks_in_trouble

#: A front that works answers sooner, however busy it is.
REQUEST_TIMEOUT_SECONDS = 5.0

RESTART_FRONT = "`motte ctl restart front`: the links stay up; if that does not help, see logs/front.log"

#: After so many crashes in a row a connector is reported.
WARNING_CRASHES = 5


async def check_supervisord(folder: StateFolder) -> Finding:
    """supervisord answers, or it does not run."""
    if not supervisord_runs(folder):
        return ok("supervisord", f"not running{sandbox_hint(folder)}")
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
    """No connector crashes again and again or was given up."""
    if not supervisord_runs(folder):
        return ok("connectors", "not running")
    supervisor = SupervisorClient(folder.supervisor_socket)
    try:
        programs = await supervisor.list()
    except SupervisorUnavailable:
        return ok("connectors", "not known: supervisord does not answer")
    finally:
        await supervisor.close()
    in_trouble = [
        program for program in programs if program.state == "FATAL" or program.tries >= WARNING_CRASHES
    ]
    if not in_trouble:
        return ok("connectors", f"{len(programs)} run or wait for their next start")
    named = first_few([f"{program.id} ({program.tries})" for program in in_trouble])
    detail = f"crashed again and again: {named}"
    return warning("connectors", detail, f"see {folder.logs}/connector-<id>.log, and `motte ctl status`")


async def check_api(folder: StateFolder, *, within: float = REQUEST_TIMEOUT_SECONDS) -> Finding:
    """The front answers. A front that hangs still holds its lock and runs under supervisord.

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


def check_webhooks(folder: StateFolder) -> Finding:
    """If there are webhooks, a process delivers to them, and they take what it delivers."""
    if not front_runs(folder):
        return ok("webhooks", "not running")
    number = count_webhooks(folder.database)
    if not number:
        return ok("webhooks", "none")
    if not deliverer_runs(folder):
        return warning(
            "webhooks",
            f"{number}, and no process that delivers to them",
            f"look again in a minute; if that stays so, see webhook_deliverer in {folder.logs}/front.log",
        )
    found = [one for one in webhooks_in_trouble(folder.database) if one.disabled != BY_CALLER]
    failing = [f"{one.id} ({one.failure})" for one in found if one.disabled is None]
    disabled = [f"{one.id} ({one.disabled})" for one in found if one.disabled is not None]
    if not found:
        return ok("webhooks", f"{number}, and a process that delivers to them")
    details, advice = [f"{number}"], []
    if failing:
        details.append(f"{len(failing)} {'fails' if len(failing) == 1 else 'fail'}: {first_few(failing)}")
        advice.append(
            "`motte webhooks deliveries ID` shows the tries of one that fails: does its server run?"
        )
    if disabled:
        details.append(
            f"{len(disabled)} {'is' if len(disabled) == 1 else 'are'} disabled: {first_few(disabled)}"
        )
        advice.append("`motte webhooks update ID --enable` enables a disabled one")
    return warning("webhooks", "; ".join(details), "; ".join(advice))
