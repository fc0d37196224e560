"""`motte doctor`: checks this host, the installation and the state folder."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import output_option, print_json, say
from server.cli.doctor.capacity import check_memory, check_sessions
from server.cli.doctor.clock_check import check_clock
from server.cli.doctor.connectivity import Endpoint, check_proxy, check_whatsapp
from server.cli.doctor.finding import Finding, Verdict, ok, warning, wrong
from server.cli.doctor.installation import (
    PUBLISHED,
    check_baileys,
    check_bundle,
    check_node,
    check_node_packages,
    check_package_files,
    check_python,
)
from server.cli.doctor.isolation import check_isolation
from server.cli.doctor.processes import check_api, check_connectors, check_supervisord, check_webhooks
from server.cli.doctor.state_folder import check_case, check_disk, check_permissions
from server.cli.doctor.stored_sessions import check_credentials, check_database, check_orphans, check_servers
from server.cli.doctor.version import check_version
from server.cli.install.program import is_complete
from server.cli.serve.launch import ROOT
from server.cli.serve.run_state import front_runs
from server.cli.serve.server_identity import is_sandbox
from server.connectors.link_options import WHATSAPP
from server.core.clock import SystemClock
from server.core.free_memory import free_memory
from server.core.host_proxy import HostProxy
from server.core.installation import IS_WHEEL
from server.core.paths import StateFolder
from server.core.proxy_variables import VARIABLES
from server.core.settings import environment
from server.core.settings.model import Isolation, Settings
from server.isolation.confinement import Offered
from server.whatsapp_version.status import in_use
from store.files import read_regular
from store.sqlite.integrity import count_proxies

COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.WRONG: "red"}


@click.command()
@output_option
@setting_options([STATE])
def doctor(*, output: str, **options: str | None) -> None:
    """Check that everything that Motte needs is in order.

    Each line says ok, warning or wrong, and what to do. Nothing is changed. If WhatsApp cannot be reached,
    that is a warning: the network may recover.

    Exit codes: 0 nothing is wrong, 1 something is wrong, 2 wrong usage.
    """
    os.umask(0o077)
    findings = []
    for finding in examine(read_state(options[STATE.name])):
        findings.append(finding)
        if output == "table":
            _say(finding)
    is_wrong = any(finding.verdict is Verdict.WRONG for finding in findings)
    if output == "json":
        print_json({"ok": not is_wrong, "checks": [finding._asdict() for finding in findings]})
    if is_wrong:
        raise SystemExit(1)


def examine(folder: StateFolder) -> Iterator[Finding]:
    """Runs every check, the quick ones first."""
    yield check_python()
    yield check_node(own_node())
    yield from _check_connector()
    yield check_settings()
    yield check_isolation(isolation_setting(), Offered.here())
    yield attempt("supervisord", lambda: asyncio.run(check_supervisord(folder)))
    yield attempt("connectors", lambda: asyncio.run(check_connectors(folder)))
    yield attempt("api", lambda: asyncio.run(check_api(folder)))
    yield attempt("webhooks", lambda: check_webhooks(folder))
    yield attempt("permissions", lambda: check_permissions(folder))
    yield attempt("file system", lambda: check_case(folder))
    yield attempt("disk", lambda: check_disk(folder))
    yield attempt("memory", lambda: check_memory(folder, free_memory()))
    yield attempt("database", lambda: check_database(folder))
    yield attempt("sessions", lambda: check_sessions(folder))
    yield attempt("credentials", lambda: check_credentials(folder))
    yield attempt("orphans", lambda: check_orphans(folder))
    yield attempt("linked with", lambda: check_servers(folder))
    yield check_clock(SystemClock())
    yield attempt("whatsapp version", lambda: check_version(folder, version_settings(folder), SystemClock()))
    yield from _check_network(folder)


def attempt(name: str, check: Callable[[], Finding]) -> Finding:
    """Returns the finding of `check`, or one that says why it could not look."""
    try:
        return check()
    except OSError as error:
        advice = "see that this user can read it, or run `motte doctor` as the user of Motte"
        return wrong(name, f"cannot be checked: {error}", advice)


def _check_network(folder: StateFolder) -> Iterator[Finding]:
    """The proxy and WhatsApp can be reached."""
    url, proxy = endpoint_url(folder), host_proxy()
    if url == WHATSAPP and is_stopped_sandbox(folder):
        yield ok("whatsapp", "not tried: these sessions belong to the sandbox, which does not run")
        return
    yield attempt("proxy", lambda: check_proxy(proxy, url, count_proxies(folder.database)))
    yield attempt("whatsapp", lambda: check_whatsapp(Endpoint.of(url), proxy.of(url) if proxy else None))


def _check_connector() -> Iterator[Finding]:
    """The Node packages are there and unchanged, or will be fetched."""
    if IS_WHEEL and not is_complete(ROOT):
        detail = "not fetched yet: the first `motte serve` does that"
        yield warning("node packages", detail, "run `motte install` to do it now")
        return
    yield check_baileys()
    yield check_node_packages()
    yield check_package_files(published=PUBLISHED if IS_WHEEL else None)
    yield check_bundle()


def check_settings() -> Finding:
    """The settings in the environment are valid. `motte serve` would start with them."""
    try:
        environment.read(os.environ)
    except environment.ConfigError as error:
        return wrong("settings", "; ".join(str(error).splitlines()), "see docs/reference/configuration.md")
    return ok("settings", "valid")


def endpoint_url(folder: StateFolder) -> str:
    """Returns the endpoint of connectors: that of a running sandbox, or that of the settings."""
    try:
        if front_runs(folder):
            return str(json.loads(read_regular(folder.sandbox))["url"])
    except (OSError, ValueError, KeyError):
        pass  # no sandbox
    given = {name: text for name, text in os.environ.items() if name == "MOTTE_WHATSAPP_URL"}
    try:
        return environment.read(given).whatsapp_url or WHATSAPP
    except environment.ConfigError:
        return WHATSAPP


def is_stopped_sandbox(folder: StateFolder) -> bool:
    """Whether the sandbox ran on this folder last, and does not run now."""
    try:
        if front_runs(folder):
            return False
        return is_sandbox(folder) or in_use(version_settings(folder), folder.whatsapp_version).is_simulated
    except OSError:  # another check reports it
        return False


def host_proxy() -> HostProxy | None:
    """Returns the proxy in the settings; None if the settings are invalid, which another check reports."""
    given = {name: text for name, text in os.environ.items() if name in VARIABLES}
    try:
        return environment.read(given).proxy
    except environment.ConfigError:
        return None


def own_node() -> Path | None:
    """Returns the Node of the settings; None if it is unset or invalid, which another check reports."""
    given = {name: text for name, text in os.environ.items() if name == "MOTTE_NODE"}
    try:
        return environment.read(given).node
    except environment.ConfigError:
        return None


def isolation_setting() -> Isolation:
    """Returns the setting; an invalid one, which another check reports, counts as unset."""
    given = {name: text for name, text in os.environ.items() if name == "MOTTE_CONNECTOR_ISOLATION"}
    try:
        return environment.read(given).connector_isolation
    except environment.ConfigError:
        return Isolation.ON


def version_settings(folder: StateFolder) -> Settings:
    """Returns the settings that decide which version is announced. Invalid ones count as unset."""
    given = {name: text for name, text in os.environ.items() if name.startswith("MOTTE_WHATSAPP_")}
    try:
        return replace(environment.read(given), state=folder.path)
    except environment.ConfigError:
        return Settings(state=folder.path)


def _say(finding: Finding) -> None:
    # https://no-color.org: any text that is not empty turns colours off.
    colour = None if os.environ.get("NO_COLOR") else COLOURS[finding.verdict]
    verdict = click.style(f"{finding.verdict:<8}", fg=colour, reset=colour is not None)
    click.echo(verdict, nl=False)  # with its colour
    say(f"{finding.check}: {finding.detail}")
    if finding.advice:
        say(f"{'':8}{finding.advice}")
